"""What the programs in Python share: the command line, and a JSON line per step."""
import json
import sys

MODE, URL = sys.argv[1:3]
SIZES = [int(size) for size in sys.argv[3:]]


def say(step, **facts):
    print(json.dumps({"step": step, **facts}), flush=True)


def fail(error):
    status = getattr(error, "status_code", getattr(error, "status", getattr(error, "code", None)))
    facts = {"status": status} if isinstance(status, int) and 300 <= status < 600 else {}
    say("error", text=f"{type(error).__name__}: {error}", **facts)


def orders():
    for size in SIZES:
        yield "text", size, "a" * size
        yield "binary", size, b"\xff" * size


def length(data):
    return len(data.encode() if isinstance(data, str) else data)


def echoed(kind, size, sent, got):
    say("echo", kind=kind, size=size, same=type(got) is type(sent) and got == sent)
