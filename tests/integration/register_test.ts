import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { Register } from "../../lib/register/mod.ts";
import { eventually } from "../_support/eventually.ts";
import { hasIpv6 } from "../_support/ipv6.ts";
import { LinePeer } from "../_support/line_peer.ts";
import { LogLines } from "../_support/log_lines.ts";

const LISTEN = "127.0.0.1:0";

Deno.test("Register.start() rejects when the port is taken", async () => {
  await using register = await Register.start({ listen: LISTEN });
  const listen = `127.0.0.1:${register.addr.port}`;

  await assertRejects(() => Register.start({ listen }), Deno.errors.AddrInUse);
});

Deno.test("Register.start() rejects when its signal has aborted already", async () => {
  const signal = AbortSignal.abort(new Deno.errors.Interrupted("too late"));

  await assertRejects(
    () => Register.start({ listen: LISTEN, signal }),
    Deno.errors.Interrupted,
    "too late",
  );
});

Deno.test("Register ends when its signal aborts, and can be shut down twice", async () => {
  const stop = new AbortController();
  const register = await Register.start({
    listen: LISTEN,
    signal: stop.signal,
  });
  using peer = await LinePeer.dial(register.addr);
  await peer.ask();
  await peer.hearAddresses();

  stop.abort();

  await register.finished;
  await register.shutdown();
  await peer.hearEnd();
});

Deno.test("Register leaves nothing behind on its signal", async () => {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (type: string, listener: EventListener) => {
    listeners.add(listener);
    add.call(signal, type, listener);
  };
  signal.removeEventListener = (type: string, listener: EventListener) => {
    listeners.delete(listener);
    remove.call(signal, type, listener);
  };
  const register = await Register.start({ listen: LISTEN, signal });
  assertEquals(listeners.size, 1);

  await register.shutdown();

  assertEquals(listeners.size, 0);
});

Deno.test("Register listens on IPv6", { ignore: !hasIpv6() }, async () => {
  await using register = await Register.start({ listen: "[::1]:0" });
  using worker = await LinePeer.dial(register.addr);

  await worker.ask();

  await worker.hearAddresses();
  assertMatch(register.status().address, /^\[::1\]:\d+$/);
});

// The lines of the next tests, and their order, are those of a recorded session
// with a Register of the original. Ours differs in one line: a list stays an array.

Deno.test("Register tells workers of gateways as the original does", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    secretKey: "k",
  });
  const dial = () => LinePeer.dial(register.addr);
  using worker = await dial();
  await worker.ask("k");
  await worker.hearAddresses();
  using crlf = await dial();
  await crlf.write('{"secret_key":"k","x":1,"event":"worker_connect"}\r\n');
  await crlf.hearAddresses();
  const bothHear = async (...hosts: number[]) => {
    const addresses = hosts.map((host) => `10.0.0.${host}:2900`);
    await worker.hearAddresses(...addresses);
    await crlf.hearAddresses(...addresses);
  };

  using first = await dial();
  await first.announce("10.0.0.1:2900", "k");
  await bothHear(1);
  using second = await dial();
  await second.announce("10.0.0.2:2900", "k");
  await bothHear(1, 2);
  const third = await dial();
  await third.announce("10.0.0.1:2900", "k");
  await bothHear(1, 2);
  using fourth = await dial();
  await fourth.announce("10.0.0.3:2900", "k");
  await bothHear(1, 2, 3);
  await first.announce("10.0.0.9:2900", "k");
  await bothHear(9, 2, 1, 3);

  await worker.ask("k");
  await worker.hearAddresses(
    "10.0.0.9:2900",
    "10.0.0.2:2900",
    "10.0.0.1:2900",
    "10.0.0.3:2900",
  );
  third[Symbol.dispose]();
  await bothHear(9, 2, 3);
  await second.say('{"event":"ping"}');
  using both = await dial();
  await both.write(
    '{"event":"gateway_connect","address":"10.0.0.4:2900","secret_key":"k"}\n' +
      '{"event":"worker_connect","secret_key":"k"}\n',
  );
  await bothHear(9, 2, 3, 4);
  await both.hearAddresses(
    "10.0.0.9:2900",
    "10.0.0.2:2900",
    "10.0.0.3:2900",
    "10.0.0.4:2900",
  );
});

Deno.test("Register takes a line that comes byte by byte", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using worker = await LinePeer.dial(register.addr);

  for (const byte of '{"event":"worker_connect"}\n') await worker.write(byte);

  await worker.hearAddresses();
});

for (
  const [what, line] of [
    ["no JSON", "hello"],
    ["no event", '{"secret_key":"k"}'],
    ["an empty line", ""],
    ["a number", "12"],
  ] as const
) {
  Deno.test(`Register answers ${what} with one line of text and closes`, async () => {
    await using register = await Register.start({
      listen: LISTEN,
      secretKey: "k",
    });
    using peer = await LinePeer.dial(register.addr);

    await peer.say(line);

    const answer = await peer.hear() ?? "";
    assertMatch(answer, /^Bad request for Register.*IP:127\.0\.0\.1/);
    assertStringIncludes(answer, `Request:${line})`);
    await peer.hearEnd();
  });
}

for (
  const [what, ...lines] of [
    ["an unknown event", '{"event":"statistics","secret_key":"k"}'],
    [
      "a list, which is its own to send",
      '{"event":"broadcast_addresses","addresses":[]}',
    ],
    [
      "a gateway without address",
      '{"event":"gateway_connect","secret_key":"k"}',
    ],
    ["a worker without key", '{"event":"worker_connect"}'],
    [
      "a gateway with a wrong key",
      '{"event":"gateway_connect","address":"10.0.0.5:2900","secret_key":"K"}',
    ],
    ["a key of another type", '{"event":"worker_connect","secret_key":1}'],
    [
      "a ping before a wrong key",
      '{"event":"ping"}',
      '{"event":"worker_connect","secret_key":"no"}',
    ],
  ] as const
) {
  Deno.test(`Register closes on ${what} without a word`, async () => {
    await using register = await Register.start({
      listen: LISTEN,
      secretKey: "k",
    });
    using peer = await LinePeer.dial(register.addr);

    for (const line of lines) await peer.say(line);

    await peer.hearEnd();
    assertEquals(register.status().gateways, []);
  });
}

Deno.test("Register refuses a key where none is set, as the original does", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using peer = await LinePeer.dial(register.addr);

  await peer.ask("k");

  await peer.hearEnd();
});

Deno.test("Register logs a wrong key once, with the address and without the key", async () => {
  await using logs = await LogLines.collect();
  await using register = await Register.start({
    listen: LISTEN,
    secretKey: "ours-3141",
  });
  for (let attempt = 0; attempt < 3; attempt++) {
    using peer = await LinePeer.dial(register.addr);
    await peer.announce("10.0.0.1:2900", "theirs-2718");
    await peer.hearEnd();
  }

  assertEquals(logs.lines.length, 1);
  assertMatch(logs.lines[0] ?? "", /^Refused "?127\.0\.0\.1:\d+.*secret key/);
  assertFalse(logs.text.includes("3141"), "our key is in the log");
  assertFalse(logs.text.includes("2718"), "their key is in the log");
});

Deno.test("Register survives junk, logs it once and repeats none of it", async () => {
  await using logs = await LogLines.collect();
  await using register = await Register.start({ listen: LISTEN });
  for (let attempt = 0; attempt < 3; attempt++) {
    using peer = await LinePeer.dial(register.addr);
    await peer.write("GET /swordfish HTTP/1.1\r\n");
    assertStringIncludes(await peer.hear() ?? "", "Bad request");
  }
  using binary = await LinePeer.dial(register.addr);
  await binary.writeBytes(Uint8Array.of(0x16, 0x03, 0xff, 0x0a));
  assertStringIncludes(await binary.hear() ?? "", "not UTF-8");

  assertEquals(logs.lines.length, 2);
  assertFalse(logs.text.includes("swordfish"));
  using worker = await LinePeer.dial(register.addr);
  await worker.ask();
  await worker.hearAddresses();
});

Deno.test("Register closes on a line that has no end", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using peer = await LinePeer.dial(register.addr);

  await peer.write("x".repeat(4_097));

  const answer = await peer.hear();
  if (answer !== undefined) assertStringIncludes(answer, "4096 bytes");
  assertEquals(await peer.hear(), undefined);
});

Deno.test("Register takes longer lines of a peer that has said what it is", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using peer = await LinePeer.dial(register.addr);
  await peer.ask();
  await peer.hearAddresses();

  await peer.say(JSON.stringify({ event: "ping", x: "x".repeat(1_000_000) }));
  await peer.ask();
  await peer.hearAddresses();
  await peer.write("x".repeat(1_048_577));

  const answer = await peer.hear();
  if (answer !== undefined) assertStringIncludes(answer, "1048576 bytes");
  assertEquals(await peer.hear(), undefined);
});

Deno.test("Register closes on a report that is nested too deep, and lives", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using peer = await LinePeer.dial(register.addr);
  await peer.ask();
  await peer.hearAddresses();
  const [open, close] = ["[".repeat(30_000), "]".repeat(30_000)];

  await peer.say(`{"event":"report","report":{"a":${open}${close}}}`);

  assertStringIncludes(await peer.hear() ?? "", "nested too deep");
  await peer.hearEnd();
  using other = await LinePeer.dial(register.addr);
  await other.say('{"event":"status"}');
  assertStringIncludes(await other.hear() ?? "", '"workers":[]');
});

Deno.test("Register closes on a peer that says nothing", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    identifyTimeout: 20,
  });
  using peer = await LinePeer.dial(register.addr);

  await peer.hearEnd();
});

Deno.test("Register closes on a peer that does nothing but ping", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    identifyTimeout: 20,
  });
  using peer = await LinePeer.dial(register.addr);
  await peer.say('{"event":"ping"}');

  await peer.hearEnd();
});

Deno.test("Register keeps a silent gateway that never pinged, and drops one that did", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    staleTimeout: 20,
  });
  using original = await LinePeer.dial(register.addr);
  await original.announce("10.0.0.1:2900");
  using ours = await LinePeer.dial(register.addr);
  await ours.announce("10.0.0.2:2900");
  using worker = await LinePeer.dial(register.addr);
  await worker.ask();
  await worker.hearUntilAddresses("10.0.0.1:2900", "10.0.0.2:2900");

  await ours.say('{"event":"ping"}');

  await worker.hearAddresses("10.0.0.1:2900");
  await ours.hearEnd();
});

Deno.test("Register closes what is past its limit of connections", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    maxConnections: 1,
  });
  using worker = await LinePeer.dial(register.addr);
  await worker.ask();
  await worker.hearAddresses();

  using refused = await LinePeer.dial(register.addr);

  await refused.hearEnd();
  assertEquals(register.status().connections, 1);
});

Deno.test("Register answers the pings of nodes that say when the next one comes, and drops them soon if none does", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    identifyTimeout: 50,
  });
  using original = await LinePeer.dial(register.addr);
  await original.announce("10.0.0.1:2900");
  await original.say('{"event":"ping"}');
  using ours = await LinePeer.dial(register.addr);
  await ours.announce("10.0.0.2:2900");
  using worker = await LinePeer.dial(register.addr);
  await worker.ask();
  await worker.hearUntilAddresses("10.0.0.1:2900", "10.0.0.2:2900");

  await ours.say('{"event":"ping","every":100}');

  assertEquals(await ours.hear(), '{"event":"pong"}');
  await worker.hearAddresses("10.0.0.1:2900");
  await ours.hearEnd();
  await original.say('{"event":"status"}');
  assertStringIncludes(await original.hear() ?? "", '"event":"status"');
});

Deno.test("Register that is full makes room among those who have not said what they are", async () => {
  await using logs = await LogLines.collect();
  await using register = await Register.start({
    listen: LISTEN,
    maxConnections: 3,
  });
  using worker = await LinePeer.dial(register.addr);
  await worker.ask();
  await worker.hearAddresses();
  using first = await LinePeer.dial(register.addr);
  await first.say('{"event":"ping"}');
  using second = await LinePeer.dial(register.addr);
  await eventually("all are in", () => register.status().connections === 3);

  using gateway = await LinePeer.dial(register.addr);
  await gateway.announce("10.0.0.1:2900");

  await worker.hearAddresses("10.0.0.1:2900");
  await first.hearEnd();
  await second.ask();
  await second.hearAddresses("10.0.0.1:2900");
  assertEquals(register.status().connections, 3);
  assertEquals(register.refused, 1);
  assertStringIncludes(logs.lines.join(), "had not said what it is");
});

Deno.test("Register tells nobody that gateways leave while it shuts down", async () => {
  const register = await Register.start({ listen: LISTEN });
  using first = await LinePeer.dial(register.addr);
  await first.announce("10.0.0.1:2900");
  using second = await LinePeer.dial(register.addr);
  await second.announce("10.0.0.2:2900");
  using worker = await LinePeer.dial(register.addr);
  await worker.ask();
  await worker.hearUntilAddresses("10.0.0.1:2900", "10.0.0.2:2900");

  await register.shutdown();

  await worker.hearEnd();
  await first.hearEnd();
  await second.hearEnd();
});

Deno.test("Register.status() tells who is up, and no key", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    secretKey: "hush",
  });
  using gateway = await LinePeer.dial(register.addr);
  await gateway.say(JSON.stringify({
    event: "gateway_connect",
    address: "10.0.0.1:2900",
    "secret_key": "hush",
    name: "ChatGateway",
    instance: "i-1",
    php: true,
  }));
  using worker = await LinePeer.dial(register.addr);
  await worker.ask("hush");
  await worker.hearUntilAddresses("10.0.0.1:2900");

  const status = register.status();

  assertEquals(status.address, `127.0.0.1:${register.addr.port}`);
  assertEquals(status.connections, 2);
  assertEquals(status.workers.length, 1);
  const [{ since = 0, remoteAddress = "", ...rest } = {}] = status.gateways;
  assertEquals(rest, {
    address: "10.0.0.1:2900",
    name: "ChatGateway",
    instance: "i-1",
    php: true,
  });
  assert(since > 0 && since <= Date.now());
  assertMatch(remoteAddress, /^127\.0\.0\.1:\d+$/);
  assertFalse(JSON.stringify(status).includes("hush"));
});

Deno.test("Register does not wait for a worker that does not read", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using stuck = await LinePeer.dial(register.addr);
  await stuck.ask();
  using worker = await LinePeer.dial(register.addr);
  await worker.ask();
  await worker.hearAddresses();
  using gateway = await LinePeer.dial(register.addr);
  const longName = "g".repeat(200);

  for (let turn = 0; turn < 2_000; turn++) {
    await gateway.announce(`${longName}-${turn}:2900`);
  }

  await worker.hearUntilAddresses(`${longName}-1999:2900`);
  await stuck.hearUntilAddresses(`${longName}-1999:2900`);
});

Deno.test("Register tells workers of each kind of the gateways that they can dial, and no others", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    secretKey: "ours",
    phpPeers: true,
    phpSecretKey: "theirs",
  });
  const node = (event: string, more: Record<string, unknown>) =>
    JSON.stringify({ event, "secret_key": "ours", instance: "i", ...more });
  using original = await LinePeer.dial(register.addr);
  await original.announce("10.0.0.1:2900", "theirs");
  using ours = await LinePeer.dial(register.addr);
  await ours.say(node("gateway_connect", { address: "10.0.0.2:2900" }));
  using both = await LinePeer.dial(register.addr);
  const address = "10.0.0.3:2900";
  await both.say(node("gateway_connect", { address, php: true }));
  await ours.hear();
  await both.hear();

  using php = await LinePeer.dial(register.addr);
  await php.ask("theirs");
  await php.hearAddresses("10.0.0.1:2900", "10.0.0.3:2900");
  using plain = await LinePeer.dial(register.addr);
  await plain.say(node("worker_connect", {}));
  await plain.hear();
  await plain.hearAddresses("10.0.0.2:2900", "10.0.0.3:2900");
  using mixed = await LinePeer.dial(register.addr);
  await mixed.say(node("worker_connect", { php: true }));
  await mixed.hear();
  assertEquals(JSON.parse(await mixed.hear() ?? ""), {
    event: "broadcast_addresses",
    addresses: ["10.0.0.2:2900", "10.0.0.3:2900"],
    php_addresses: ["10.0.0.1:2900"],
  });
});

Deno.test("the key of the original makes nobody one of ours, nor tells how the cluster is", async () => {
  const phpSecretKey = "theirs";
  await using register = await Register.start({
    listen: LISTEN,
    secretKey: "ours",
    phpPeers: true,
    phpSecretKey,
  });
  using gateway = await LinePeer.dial(register.addr);
  await gateway.say(JSON.stringify({
    event: "gateway_connect",
    address: "10.0.0.1:2900",
    "secret_key": phpSecretKey,
    instance: "ours, it says",
    php: true,
  }));
  using spy = await LinePeer.dial(register.addr);
  await spy.say(
    JSON.stringify({ event: "status", "secret_key": phpSecretKey }),
  );
  await spy.hearEnd();
  assertEquals(register.status().gateways[0]?.instance, undefined);
});
