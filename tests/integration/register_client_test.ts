import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { endsWithin } from "../../lib/base/pause.ts";
import { RegisterClient } from "../../lib/roster/register_client.ts";
import type { GatewayConnect } from "../../lib/roster/register_message.ts";
import { Register } from "../../lib/register/mod.ts";
import { FakeRegister } from "../_support/fake_register.ts";
import { hasIpv6 } from "../_support/ipv6.ts";
import { LinePeer } from "../_support/line_peer.ts";
import { LogLines } from "../_support/log_lines.ts";
import { TestRegisterClient } from "../_support/test_register_client.ts";

const LISTEN = "127.0.0.1:0";
const WORKER = { event: "worker_connect" } as const;

function gatewayAt(address: string, secretKey = ""): GatewayConnect {
  return { event: "gateway_connect", address, secretKey };
}

function listOf(addresses: unknown): string {
  return JSON.stringify({ event: "broadcast_addresses", addresses });
}

/** Calls `act` when a dial has succeeded, so many promise jobs later. */
function afterDial(jobs: number, act: () => void): Disposable {
  const { connect } = Deno;
  const patched = async (options: Deno.ConnectOptions) => {
    const conn = await connect(options);
    void (async () => {
      for (let left = jobs; left > 0; left--) await undefined;
      act();
    })();
    return conn;
  };
  Object.assign(Deno, { connect: patched });
  return { [Symbol.dispose]: () => void Object.assign(Deno, { connect }) };
}

const addressOf = ({ addr }: Register) => `127.0.0.1:${addr.port}`;

Deno.test("RegisterClient refuses a Register that is no address", () => {
  assertThrows(
    () => new RegisterClient({ registers: ["here"], introduction: WORKER }),
    TypeError,
    '"here"',
  );
});

Deno.test("RegisterClient brings gateways and workers together by a Register", async () => {
  await using register = await Register.start({
    listen: LISTEN,
    secretKey: "k",
  });
  const registers = [addressOf(register)];
  await using worker = new TestRegisterClient({
    registers,
    introduction: { event: "worker_connect", secretKey: "k" },
  });
  await worker.reports();

  const gateway = new TestRegisterClient({
    registers,
    introduction: gatewayAt("10.0.0.1:2900", "k"),
  });
  await worker.reports("10.0.0.1:2900");
  await gateway.client.close();

  await worker.reports();
});

Deno.test("RegisterClient introduces itself first, then pings", async () => {
  using register = new FakeRegister();
  await using _client = new TestRegisterClient({
    registers: [register.address],
    introduction: { event: "worker_connect", secretKey: "k", name: "Chat" },
    pingInterval: 5,
  });

  using link = await register.accept();

  assertEquals(JSON.parse(await link.hear() ?? ""), {
    event: "worker_connect",
    "secret_key": "k",
    name: "Chat",
  });
  assertEquals(await link.hear(), '{"event":"ping"}');
  assertEquals(await link.hear(), '{"event":"ping"}');
});

Deno.test("RegisterClient reports what all Registers say together", async () => {
  await using a = await Register.start({ listen: LISTEN });
  await using b = await Register.start({ listen: LISTEN });
  const registers = [addressOf(a), addressOf(b)];
  await using worker = new TestRegisterClient({
    registers,
    introduction: WORKER,
  });
  await worker.reports();

  await using _both = new TestRegisterClient({
    registers,
    introduction: gatewayAt("g1:1"),
  });
  await worker.reports("g1:1");
  await using _one = new TestRegisterClient({
    registers: [addressOf(b)],
    introduction: gatewayAt("g2:1"),
  });

  await worker.reports("g1:1", "g2:1");
  assertEquals([...worker.client.addresses].sort(), ["g1:1", "g2:1"]);
});

Deno.test("RegisterClient reads the object with gaps, and reports only changes", async () => {
  using register = new FakeRegister();
  await using worker = new TestRegisterClient({
    registers: [register.address],
    introduction: WORKER,
  });
  using link = await register.accept();
  await link.hear();

  await link.say(listOf(["g1:1", "g2:1"]));
  await worker.reports("g1:1", "g2:1");
  await link.say(listOf(["g2:1", "g1:1"]));
  await link.say('{"event":"from_a_later_version"}');
  await link.say(listOf({ 0: "g1:1", 1: "g2:1", 3: "g3:1" }));

  await worker.reports("g1:1", "g2:1", "g3:1");
});

Deno.test("RegisterClient reads the list of a very large cluster", async () => {
  using register = new FakeRegister();
  await using worker = new TestRegisterClient({
    registers: [register.address],
    introduction: WORKER,
  });
  using link = await register.accept();
  await link.hear();
  const gateways = Array.from({ length: 9_999 }, (_, i) => `10.9.8.7:${1 + i}`);

  await link.say(listOf(gateways));

  assertEquals((await worker.lists.next()).length, gateways.length);
});

Deno.test("RegisterClient reports shrinking lists of a Register of the original that stops", async () => {
  using register = new FakeRegister();
  await using worker = new TestRegisterClient({
    registers: [register.address],
    introduction: WORKER,
  });
  const link = await register.accept();
  await link.hear();
  await link.say(listOf(["g1:1", "g2:1"]));
  await worker.reports("g1:1", "g2:1");

  await link.say(listOf(["g2:1"]));
  await link.say(listOf([]));
  link[Symbol.dispose]();
  await worker.reports("g2:1");
  await worker.reports();
  using again = await register.accept();
  await again.hear();
  await again.say(listOf(["g2:1"]));

  await worker.reports("g2:1");
});

Deno.test("RegisterClient sees nothing of a Register's restart but its absence", async () => {
  const first = await Register.start({ listen: LISTEN });
  const listen = addressOf(first);
  const registers = [listen];
  await using _gateway = new TestRegisterClient({
    registers,
    introduction: gatewayAt("g1:1"),
  });
  await using worker = new TestRegisterClient({
    registers,
    introduction: WORKER,
  });
  await worker.reportsAtLast("g1:1");

  await first.shutdown();
  await worker.becomes("unreachable");
  assertEquals([...worker.client.addresses], ["g1:1"]);
  assertEquals(worker.lists.size, 0);
  await using _second = await Register.start({ listen });
  await worker.becomes("listed");
  await using _late = new TestRegisterClient({
    registers,
    introduction: gatewayAt("g2:1"),
  });

  await worker.reportsAtLast("g1:1", "g2:1");
});

Deno.test("RegisterClient goes on with the other Register while one is away, then forgets it", async () => {
  const a = await Register.start({ listen: LISTEN });
  await using b = await Register.start({ listen: LISTEN });
  await using _onlyA = new TestRegisterClient({
    registers: [addressOf(a)],
    introduction: gatewayAt("g1:1"),
  });
  await using _onlyB = new TestRegisterClient({
    registers: [addressOf(b)],
    introduction: gatewayAt("g2:1"),
  });
  await using worker = new TestRegisterClient({
    registers: [addressOf(a), addressOf(b)],
    introduction: WORKER,
    forgetTimeout: 20,
  });
  await worker.reportsAtLast("g1:1", "g2:1");

  await a.shutdown();

  await worker.reports("g2:1");
});

Deno.test("RegisterClient forgets nothing while no Register is there", async () => {
  const register = await Register.start({ listen: LISTEN });
  const registers = [addressOf(register)];
  await using _gateway = new TestRegisterClient({
    registers,
    introduction: gatewayAt("g1:1"),
  });
  await using worker = new TestRegisterClient({
    registers,
    introduction: WORKER,
    forgetTimeout: 1,
  });
  await worker.reportsAtLast("g1:1");

  await register.shutdown();
  for (let attempts = 0; attempts < 3; attempts++) {
    await worker.becomes("unreachable");
  }

  assertEquals([...worker.client.addresses], ["g1:1"]);
  assertEquals(worker.lists.size, 0);
});

for (
  const introduction of [
    gatewayAt("g1:1", "theirs-2718"),
    { event: "worker_connect", secretKey: "theirs-2718" } as const,
  ]
) {
  Deno.test(`RegisterClient explains once why its ${introduction.event} is refused, and tries on`, async () => {
    await using logs = await LogLines.collect();
    await using register = await Register.start({
      listen: LISTEN,
      secretKey: "ours-3141",
    });
    await using peer = new TestRegisterClient({
      registers: [addressOf(register)],
      introduction,
    });

    await peer.becomes("refused");
    await peer.becomes("refused");

    const lines = logs.lines.filter((line) => line.includes("introduction"));
    assertEquals(lines.length, 1);
    assertStringIncludes(lines[0] ?? "", addressOf(register));
    assertStringIncludes(lines[0] ?? "", "a different secret key");
    assertFalse(logs.text.includes("2718"), "their key is in the log");
    assertFalse(logs.text.includes("3141"), "our key is in the log");
    assertEquals(peer.client.registers(), [
      { address: addressOf(register), joined: false },
    ]);
  });
}

Deno.test("RegisterClient slows down while it is refused", async () => {
  using register = new FakeRegister();
  await using peer = new TestRegisterClient({
    registers: [register.address],
    introduction: WORKER,
  });
  const delays: number[] = [];
  while (delays.length < 4) {
    const link = await register.accept();
    await link.hear();
    link[Symbol.dispose]();
    const status = await peer.becomes("refused");
    assert("retryIn" in status);
    delays.push(status.retryIn);
  }

  assertGreater(delays[3] ?? 0, 100 * 2 ** 3 / 2 - 1);
});

Deno.test("RegisterClient says once that a Register cannot be reached, and joins when it is there", async () => {
  await using logs = await LogLines.collect();
  const gone = await Register.start({ listen: LISTEN });
  const listen = addressOf(gone);
  await gone.shutdown();
  await using worker = new TestRegisterClient({
    registers: [listen],
    introduction: WORKER,
  });
  await worker.becomes("unreachable");
  await worker.becomes("unreachable");

  await using _register = await Register.start({ listen });

  await worker.becomes("joined");
  await worker.reports();
  assertEquals(worker.client.registers(), [{ address: listen, joined: true }]);
  assertEquals(logs.lines.length, 1);
  assertStringIncludes(logs.lines[0] ?? "", "trying again");
});

Deno.test("RegisterClient takes a Register's junk for a loss", async () => {
  using register = new FakeRegister();
  await using worker = new TestRegisterClient({
    registers: [register.address],
    introduction: WORKER,
  });
  using link = await register.accept();
  await link.hear();

  await link.say("Bad request for Register");

  const status = await worker.becomes("lost");
  assert("reason" in status);
  assertStringIncludes(status.reason, "not JSON");
  using _again = await register.accept();
});

Deno.test("RegisterClient leaves a Register that no longer reads", async () => {
  using register = new FakeRegister();
  await using peer = new TestRegisterClient({
    registers: [register.address],
    introduction: { ...WORKER, version: "x".repeat(32_000_000) },
    pingInterval: 20,
  });
  using _deaf = await register.accept();

  await peer.statuses.until((status) => "retryIn" in status);
});

Deno.test("RegisterClient leaves a Register that answers pings and falls silent", async () => {
  using register = new FakeRegister();
  await using peer = new TestRegisterClient({
    registers: [register.address],
    introduction: WORKER,
  });
  using link = await register.accept();
  await link.hear();
  await link.say('{"event":"welcome","heartbeat":100}');
  for (let answered = 0; answered < 5; answered++) {
    assertEquals(await link.hear(), '{"event":"ping","every":100}');
    await link.say('{"event":"pong"}');
  }

  const status = await peer.statuses.until((status) => "retryIn" in status);

  assertEquals(status.type, "lost");
  assert("reason" in status);
  assertStringIncludes(status.reason, "silent");
  using _again = await register.accept();
});

Deno.test("RegisterClient stays with a Register that says nothing of answers", async () => {
  using register = new FakeRegister();
  await using peer = new TestRegisterClient({
    registers: [register.address],
    introduction: WORKER,
    pingInterval: 10,
  });
  using link = await register.accept();
  await link.hear();
  await link.say('{"event":"welcome","version":"0.1.0"}');

  for (let pings = 0; pings < 20; pings++) {
    assertEquals(await link.hear(), '{"event":"ping"}');
  }

  await peer.becomes("welcomed");
  assertEquals(peer.statuses.size, 0);
});

Deno.test("gateways that announce one address are told, and the Register shows it", async () => {
  await using logs = await LogLines.collect();
  await using register = await Register.start({
    listen: LISTEN,
    identifyTimeout: 50,
  });
  const registers = [addressOf(register)];
  const gateway = (instance: string) => ({
    registers,
    introduction: { ...gatewayAt("10.0.0.1:2900"), name: "G", instance },
    report: () => ({}),
  });
  await using one = new TestRegisterClient(gateway("one"));
  await using _link = new TestRegisterClient(gateway("one"));
  await one.becomes("welcomed");
  await using other = new TestRegisterClient(gateway("other"));

  await one.becomes("conflicting");
  await other.becomes("conflicting");

  const { gateways } = register.clusterReport();
  assertEquals(gateways.every(({ conflict }) => conflict !== undefined), true);
  const lines = logs.lines.join("\n");
  assertStringIncludes(lines, "Two gateways announce 10.0.0.1:2900");
  assertStringIncludes(lines, "Another gateway, G at 127.0.0.1:");
});

Deno.test("gateway that is started anew is in no conflict with what is left of it", async () => {
  await using register = await Register.start({ listen: LISTEN });
  using before = await LinePeer.dial(register.addr);
  await before.say(
    '{"event":"gateway_connect","address":"10.0.0.1:2900","instance":"1"}',
  );
  await before.hear();
  await before.say('{"event":"report","report":{}}');
  using after = await LinePeer.dial(register.addr);
  await after.say(
    '{"event":"gateway_connect","address":"10.0.0.1:2900","instance":"2"}',
  );
  await after.hear();

  await after.say('{"event":"report","report":{}}');
  await after.say('{"event":"ping","every":1000}');

  assertEquals(await after.hear(), '{"event":"pong"}');
  const { gateways } = register.clusterReport();
  assertEquals(gateways.map(({ conflict }) => conflict), [
    undefined,
    undefined,
  ]);
});

Deno.test("RegisterClient finds a Register by name and on IPv6", {
  ignore: !hasIpv6(),
}, async () => {
  await using six = await Register.start({ listen: "[::1]:0" });
  await using four = await Register.start({ listen: LISTEN });
  await using _gateway = new TestRegisterClient({
    registers: [`[::1]:${six.addr.port}`],
    introduction: gatewayAt("[fd00::6]:2900"),
  });
  await using worker = new TestRegisterClient({
    registers: [`[::1]:${six.addr.port}`, `localhost:${four.addr.port}`],
    introduction: WORKER,
  });

  await worker.becomes("joined");
  await worker.becomes("joined");

  await worker.reportsAtLast("[fd00::6]:2900");
});

Deno.test("RegisterClient.close() ends links, dials and pauses, and can be called early or twice", async () => {
  await using register = await Register.start({ listen: LISTEN });
  const gone = await Register.start({ listen: LISTEN });
  await gone.shutdown();
  const registers = [addressOf(register), addressOf(gone)];
  const early = new TestRegisterClient({ registers, introduction: WORKER });
  await early.client.close();
  const late = new TestRegisterClient({ registers, introduction: WORKER });
  await late.reports();
  await late.becomes("unreachable");

  await late.client.close();
  await late.client.close();
  late.client.start();

  assertEquals(early.statuses.size, 0);
  assertEquals(late.client.registers().some(({ joined }) => joined), false);
});

for (let jobs = 0; jobs < 16; jobs++) {
  Deno.test(`RegisterClient.close() ends a link that is ${jobs} promise jobs old`, async () => {
    using register = new FakeRegister();
    const client = new RegisterClient({
      registers: [register.address],
      introduction: WORKER,
    });
    const { promise: closing, resolve } = Promise.withResolvers<boolean>();
    using _ = afterDial(
      jobs,
      () => resolve(endsWithin(client.close(), 2_000)),
    );

    client.start();

    using _link = await register.accept();
    assert(await closing, "close() waits for a link that nobody ends");
  });
}
