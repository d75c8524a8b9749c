package Steps;
# What the programs in Perl share: the command line, and a JSON line per step.
use strict;
use warnings;
use JSON::PP;
use Exporter 'import';
our @EXPORT = qw(%state mode url say_step order heard failed);

$| = 1;
my ($mode, $url, @sizes) = @ARGV;
my @orders = map { (["text", $_, "a" x $_], ["binary", $_, "\xff" x $_]) } @sizes;
my $asked;

sub mode { $mode }
sub url  { $url }

sub say_step {
    my ($step, %facts) = @_;
    print encode_json({step => $step, %facts}), "\n";
}

sub failed {
    my ($text, $status) = @_;
    say_step("error", text => "$text", $status ? (status => 0 + $status) : ());
}

# Tells of a message; returns what to send next, "" if it is time to leave, undef if neither.
sub heard {
    my ($bytes, $kind) = @_;
    if ($mode eq "listen") { say_step("message", size => length $bytes); return undef }
    if ($asked) {
        my $same = $asked->[0] eq $kind && $asked->[2] eq $bytes;
        my @facts = (kind => $asked->[0], size => 0 + $asked->[1]);
        say_step("echo", @facts, same => $same ? JSON::PP::true : JSON::PP::false);
    }
    return ($asked = shift @orders) // "";
}

1;
