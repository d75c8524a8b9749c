#!/usr/bin/env bash
# Perl's Protocol::WebSocket 0.26 (Debian 12), the client of its own manual
# (`$client->on(read => …)`, `$client->read($bytes)`): what a frame carries is read as
# UTF-8, whatever kind it is; control frames are handed over as if they were messages;
# and a message that Perl holds for false, "" or "0", is dropped, with all that came
# behind it until more bytes come. (RFC 6455: binary is any bytes, section 5.6; a ping
# must be answered, 5.5.2.)
#
# Seen, for frames that come in one piece:
#   text "a", text "0", text "b"   "a"; "b" only when something else comes
#   binary ff 00 ff                U+FFFD U+0000 U+FFFD
#   ping "p"                       a message "p"; no pong is sent
#   an empty ping                  nothing, and no pong
#   close 4001                     a message U+000F U+FFFD; no close is sent
# What to do: `next_bytes` and `opcode` of Protocol::WebSocket::Frame, in a loop that
# asks for `defined`; the client's handshake is fine.
# Exits 0 while this is so, 1 when it changed; wants apt-get, dpkg and perl.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
apt-get download -q libprotocol-websocket-perl=0.26-3 >&2
dpkg -x ./*.deb root
cat >try.pl <<'PERL'
use strict;
use warnings;
use Protocol::WebSocket;
use Protocol::WebSocket::Client;
use Protocol::WebSocket::Handshake::Server;

# One client, past its handshake.
sub open_client {
    my ($heard, $sent) = @_;
    my $client = Protocol::WebSocket::Client->new(url => "ws://localhost:1");
    $client->on(write => sub { push @$sent, $_[1] });
    $client->on(connect => sub { });
    $client->on(error => sub { die $_[1] });
    $client->on(read => sub { push @$heard, join " ", map { sprintf "%x", ord } split //, $_[1] });
    $client->connect;
    my $server = Protocol::WebSocket::Handshake::Server->new;
    $server->parse(shift @$sent) or die $server->error;
    $client->read($server->to_string);
    return $client;
}

sub frame { my ($opcode, $bytes) = @_; pack("CC", 128 | $opcode, length $bytes) . $bytes }

sub check {
    my ($what, $found, $expected) = @_;
    die qq{$what: found "$found", expected "$expected"\n} if $found ne $expected;
}

sub told {
    my (@pieces) = @_;
    my (@heard, @sent);
    my $client = open_client(\@heard, \@sent);
    $client->read($_) for @pieces;
    return join(", ", @heard) . "; " . @sent . " sent";
}

check("version", Protocol::WebSocket->VERSION, "0.26");
my @texts = map { frame(1, $_) } "a", "0", "b";
check("a zero", told(join "", @texts), "61; 0 sent");
check("a zero, then more", told(join("", @texts), frame(1, "c")), "61, 62, 63; 0 sent");
check("bytes", told(frame(2, "\xff\x00\xff")), "fffd 0 fffd; 0 sent");
check("a ping", told(frame(9, "p")), "70; 0 sent");
check("an empty ping", told(frame(9, "")), "; 0 sent");
check("a close", told(frame(8, pack "n", 4001)), "f fffd; 0 sent");
print "Protocol::WebSocket 0.26: a text \"0\" is dropped, bytes become U+FFFD, pings are messages\n";
PERL
perl -Iroot/usr/share/perl5 try.pl
