# Protocol::WebSocket, which makes frames and leaves the socket to its user; its greatest
# message raised for echoes.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use IO::Socket::INET;
use Protocol::WebSocket::Client;
use Steps;

my ($address) = url =~ m{^ws://([^/]+)};
my $socket = IO::Socket::INET->new(PeerAddr => $address) or die "cannot connect";
my $isOver = 0;
my @limit = mode eq "echo" ? (max_payload_size => 2**24) : ();
my $client = Protocol::WebSocket::Client->new(url => url, @limit);
my $code = 1006;
$client->on(write => sub { syswrite_all($_[1]) });
$client->on(connect => sub { say_step("open") });
$client->on(error => sub { failed($_[1]); $isOver = 2 });
$client->on(eof => sub { $isOver = 1 });

sub syswrite_all {
    my ($bytes) = @_;
    my $at = 0;
    $at += syswrite($socket, $bytes, length($bytes) - $at, $at) // die $! while $at < length $bytes;
}

# It hands over what control frames carry, too: which kind it was, its frame knows. All of
# it is decoded as UTF-8 before, so that a close code is lost.
$client->on(read => sub {
    my ($self, $bytes) = @_;
    my $opcode = $self->{frame_buffer}->opcode;
    return $self->write($self->_build_frame(type => "pong", masked => 1, buffer => $bytes))
        if $opcode == 9;
    if ($opcode == 8) {
        ($code, $isOver) = (0, 1);
        return $self->disconnect;
    }
    my $next = heard($bytes, $opcode == 1 ? "text" : "binary");
    return unless defined $next;
    return $self->disconnect if $next eq "";
    my ($kind, undef, $data) = @$next;
    $self->write($self->_build_frame(@limit, buffer => $data, type => $kind, masked => 1));
});

$client->connect;
while (!$isOver && sysread($socket, my $bytes, 65536)) {
    eval { $client->read($bytes); 1 } or do { failed($@); $isOver = 2 };
}
say_step("closed", code => $code) if $isOver < 2;
