# What the programs in Ruby share: the command line, and a JSON line per step.
require "json"

$stdout.sync = true
MODE, URL, *sizes = ARGV
ORDERS = sizes.map(&:to_i).flat_map do |size|
  [[:text, size, "a" * size], [:binary, size, "\xff".b * size]]
end
$asked = nil

def say(step, **facts)
  puts JSON.generate({ step: step, **facts })
end

# Tells of a message; returns what to send next, :leave if it is time to, nil if neither.
def heard(bytes, kind)
  if MODE == "listen"
    say("message", size: bytes.bytesize)
    return nil
  end
  if $asked
    same = $asked[0] == kind && $asked[2].b == bytes.b
    say("echo", kind: $asked[0], size: $asked[1], same: same)
  end
  $asked = ORDERS.shift || :leave
end
