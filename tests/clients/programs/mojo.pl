# Mojolicious, its greatest message raised for echoes; without compression, since it passes
# over `client_no_context_takeover` in the answer.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Mojo::IOLoop;
use Mojo::UserAgent;
use Steps;

my $agent = Mojo::UserAgent->new(inactivity_timeout => 40);
$agent->websocket(url, sub {
    my (undef, $tx) = @_;
    if (!$tx->is_websocket) {
        my $error = $tx->error // {};
        failed($error->{message} // "no WebSocket", $tx->res->code);
        return Mojo::IOLoop->stop;
    }
    say_step("open");
    Mojo::IOLoop->stream($tx->connection)->on(close => sub { Mojo::IOLoop->stop });
    $tx->max_websocket_size(2**24) if mode eq "echo";
    my $answer = sub {
        my ($bytes, $was) = @_;
        my $next = heard($bytes, $was);
        return unless defined $next;
        return $tx->finish(1000) if $next eq "";
        my ($kind, undef, $data) = @$next;
        $tx->send($kind eq "text" ? $data : {binary => $data});
    };
    $tx->on(text => sub { $answer->($_[1], "text") });
    $tx->on(binary => sub { $answer->($_[1], "binary") });
    $tx->on(finish => sub {
        my (undef, $code, $reason) = @_;
        say_step("closed", code => 0 + $code, text => $reason // "");
    });
});
Mojo::IOLoop->start;
