import {
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { askRegister } from "../../../lib/roster/register_status.ts";
import { Trust } from "../../../lib/peer/trust.ts";
import { BusinessWorker, Gateway, Register } from "../../../mod.ts";
import { eventually } from "../../_support/eventually.ts";
import { FakeRegister } from "../../_support/fake_register.ts";
import { LinePeer } from "../../_support/line_peer.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { TestRegisterClient } from "../../_support/test_register_client.ts";
import { JUNK, Tap, throwAt } from "./_peers.ts";

const SECRET = "correct horse battery staple";
const OTHER = "a different secret altogether";
const NONCE = "00".repeat(32);

function startRegister(
  secretKey: string | readonly string[] = SECRET,
): Promise<Register> {
  return Register.start({ listen: "127.0.0.1:0", secretKey });
}

Deno.test("nodes join a Register with a secret that never crosses the wire", async () => {
  await using register = await startRegister();
  await using tap = new Tap(register.status().address);
  await using _gateway = await Gateway.start({
    listen: ["ws://127.0.0.1:0"],
    startPort: 0,
    register: [tap.address],
    secretKey: SECRET,
  });

  await eventually(
    "the gateway is listed",
    () => register.status().gateways.length === 1,
  );

  const crossed = textOf([...tap.said, ...tap.answered]);
  assertStringIncludes(crossed, '"event":"hello"');
  assertStringIncludes(crossed, '"proofs":"');
  assertFalse(crossed.includes(SECRET));
});

Deno.test("one secret that node and Register share is enough", async () => {
  await using register = await startRegister([OTHER, SECRET]);
  for (const secretKey of [SECRET, OTHER, ["x", SECRET]]) {
    await using worker = await BusinessWorker.start({
      handler: () => {},
      register: [register.status().address],
      secretKey,
    });
    await worker.joined();
  }
});

Deno.test("what a node once said gets nobody in", async () => {
  await using register = await startRegister();
  const { address } = register.status();
  const tap = new Tap(address);
  const trust = await Trust.load({ secretKey: SECRET });
  await askRegister({ register: tap.address, trust });
  await tap[Symbol.asyncDispose]();

  const answer = textOf([
    ...await throwAt(address, new Uint8Array(tap.said)),
  ]);

  assertMatch(answer, /^\{"event":"challenge","nonce":"[0-9a-f]{64}"\}\n$/);
  assertEquals(register.refused, 1);
});

Deno.test("a signed line is worth nothing without a challenge before it, nor a second time", async () => {
  await using register = await startRegister();
  using peer = await LinePeer.dial(register.addr);
  await peer.say(
    JSON.stringify({
      event: "signed",
      line: '{"event":"worker_connect"}',
      proofs: NONCE,
    }),
  );
  await peer.hearEnd();

  using other = await LinePeer.dial(register.addr);
  await other.say(JSON.stringify({ event: "hello", nonce: NONCE }));
  assertMatch(await other.hear() ?? "", /challenge/);
  await other.say(
    JSON.stringify({
      event: "signed",
      line: '{"event":"worker_connect"}',
      proofs: NONCE,
    }),
  );
  await other.hearEnd();
  assertEquals(register.refused, 2);
});

Deno.test("a node with another secret is refused, counted, and logged once", async () => {
  await using log = await LogLines.collect();
  await using register = await startRegister();
  await using _client = new TestRegisterClient({
    registers: [register.status().address],
    introduction: { event: "worker_connect", instance: "w" },
    trust: await Trust.load({ secretKey: OTHER }),
  });

  await eventually("it was refused three times", () => register.refused >= 3);

  const lines = log.lines.filter((line) => line.startsWith("Refused"));
  assertEquals(lines.length, 1);
  assertStringIncludes(lines[0] ?? "", "its secret key is not ours");
  assertFalse(log.text.includes(SECRET) || log.text.includes(OTHER));
});

Deno.test("a Register that cannot prove the secret is not believed", async () => {
  using register = new FakeRegister();
  await using client = new TestRegisterClient({
    registers: [register.address],
    introduction: { event: "worker_connect", instance: "w" },
    trust: await Trust.load({ secretKey: SECRET }),
  });
  const list = '{"event":"broadcast_addresses","addresses":["10.0.0.9:2000"]}';
  for (const welcome of ["", NONCE]) {
    using peer = await register.accept();
    assertMatch(await peer.hear() ?? "", /^\{"event":"hello"/);
    await peer.say(list);
    await peer.say(JSON.stringify({ event: "challenge", nonce: NONCE }));
    assertMatch(await peer.hear() ?? "", /^\{"event":"signed"/);
    await peer.say(JSON.stringify({ event: "welcome", proof: welcome }));
    await peer.say(list);

    assertStringIncludes(
      JSON.stringify(await client.becomes("lost")),
      "its proof of the secret key is wrong",
    );
    assertEquals(client.lists.size, 0);
  }
});

Deno.test("junk thrown at a Register is refused, counted, logged once, and harms nobody", async () => {
  await using log = await LogLines.collect();
  await using register = await startRegister();
  const { address } = register.status();
  const trust = await Trust.load({ secretKey: SECRET });

  for (let each = 0; each < 8; each++) {
    await throwAt(address, withEnd(JUNK[each % JUNK.length]));
  }

  assertEquals(register.refused, 8);
  const lines = log.lines.filter((line) => line.startsWith("Refused"));
  assertEquals(new Set(lines.map(withoutPort)).size, lines.length);
  await askRegister({ register: address, trust });
});

Deno.test("a node of the original joins with the key in clear on the same machine", async () => {
  await using register = await startRegister([OTHER, SECRET]);
  for (const key of [SECRET, OTHER]) {
    using peer = await LinePeer.dial(register.addr);
    await peer.ask(key);
    await peer.hearAddresses();
  }
});

function textOf(bytes: readonly number[]): string {
  return new TextDecoder("latin1").decode(new Uint8Array(bytes));
}

/** A Register waits for the end of a line. */
function withEnd(bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
  return new Uint8Array([...bytes, 10]);
}

function withoutPort(line: string): string {
  return line.replace(/:\d+/, "");
}
