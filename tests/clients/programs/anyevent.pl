# AnyEvent::WebSocket::Client, with its greatest message raised for echoes.
use strict;
use warnings;
use AnyEvent;
use AnyEvent::WebSocket::Client;
use AnyEvent::WebSocket::Message;
use FindBin;
use lib $FindBin::Bin;
use Steps;

my $done = AnyEvent->condvar;
my $client = AnyEvent::WebSocket::Client->new(
    mode eq "echo" ? (max_payload_size => 0, max_fragments => 0) : ());
$client->connect(url)->cb(sub {
    our $connection = eval { shift->recv };
    if (!$connection) {
        failed($@);
        return $done->send;
    }
    say_step("open");
    $connection->on(each_message => sub {
        my (undef, $message) = @_;
        my $next = heard($message->body, $message->is_text ? "text" : "binary");
        return unless defined $next;
        return $connection->close(1000) if $next eq "";
        my ($kind, undef, $data) = @$next;
        my $opcode = $kind eq "text" ? 1 : 2;
        $connection->send(AnyEvent::WebSocket::Message->new(body => $data, opcode => $opcode));
    });
    $connection->on(parse_error => sub { failed($_[1]) });
    $connection->on(finish => sub {
        say_step("closed", code => $connection->close_code);
        $done->send;
    });
});
$done->recv;
