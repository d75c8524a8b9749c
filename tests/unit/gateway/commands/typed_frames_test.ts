import { assertEquals } from "@std/assert";
import { FanOut } from "../../../../lib/gateway/commands/fan_out.ts";
import { MAX_REFUSED } from "../../../../lib/gateway/commands/typed_frames.ts";
import { SlowClients } from "../../../../lib/gateway/clients/slow_clients.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { Flag, FrameHeader, readHeader } from "../../../../lib/wire/frame.ts";
import { TYPED_CODEC } from "../_fake_connection.ts";
import {
  type TestClient,
  TestGateway,
  type TestWorker,
} from "../_test_gateway.ts";

/** The version of links in which workers know requests. */
const NEW = 4;

/** The version before. */
const OLD = 3;

const encoder = new TextEncoder();

/** What a handler's answer becomes at its client's gateway. */
function answer(gateway: TestGateway, { client }: TestClient, frame: string) {
  const fanOut = new FanOut(gateway.counts, new SlowClients(gateway.counts));
  const bytes = encoder.encode(frame);
  return fanOut.sendToOne(client, bytes, 0, bytes.length, Flag.Typed);
}

/** What a worker was told in frames that are not numbered: commands and numbers. */
function notices({ link: { link } }: TestWorker): string[] {
  const found: string[] = [];
  const bytes = link.log.startWrite() ?? new Uint8Array();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const header = new FrameHeader();
  for (let at = 0; at < bytes.length; at += view.getUint32(at)) {
    readHeader(view, at, header);
    if (header.command !== Command.Cancel) continue;
    found.push(`${header.connectionId}:${header.number}`);
  }
  return found;
}

Deno.test("a request goes to the client's worker, in order with its messages", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.say("a");
  client.saysTyped("qx add\n[1,2]");
  client.say("b");
  assertEquals(worker.texts, ["1:connect", "1:a", "1:qx add\n[1,2]", "1:b"]);
  worker.acknowledge();
  gateway.check();
});

Deno.test("each request gets one answer, whoever answers", () => {
  const gateway = new TestGateway();
  gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qx add\n[1,2]");
  assertEquals(answer(gateway, client, "sx\n1"), 1);
  assertEquals(answer(gateway, client, "rx\n3"), 1);
  assertEquals(answer(gateway, client, "rx\n3"), 0);
  assertEquals(answer(gateway, client, "sx\n4"), 0);
  assertEquals(client.connection.sent, ["sx\n1", "rx\n3"]);
  assertEquals({ ...gateway.typed.counts }, {
    open: 0,
    answered: 1,
    failed: 0,
  });
});

Deno.test("a request of a client that has too many is refused at once", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  for (const id of ["a", "b", "c", "d", "e"]) client.saysTyped(`q${id} n\n1`);
  assertEquals(client.connection.sent, ["ee too-many\nnull"]);
  assertEquals(worker.texts.length, 5);
  answer(gateway, client, "ra\n1");
  client.saysTyped("qf n\n1");
  assertEquals(worker.texts.at(-1), "1:qf n\n1");
});

Deno.test("a client that gives two requests one id is closed, and has one of them", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qx n\n1");
  client.saysTyped("qx n\n2");

  assertEquals(client.connection.closed?.code, 1002);
  assertEquals(worker.texts, ["1:connect", "1:qx n\n1"]);
  assertEquals(gateway.typed.counts.open, 1);
});

Deno.test("a client that asks on and on while it is refused is closed", () => {
  const gateway = new TestGateway();
  gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  let last = 0;
  const ask = (count: number) => {
    for (let each = 0; each < count; each++) {
      client.saysTyped(`q${++last} n\n1`);
    }
  };
  ask(4);
  ask(MAX_REFUSED);
  assertEquals(client.connection.closed, undefined);
  answer(gateway, client, "r1\n1");
  ask(1);
  ask(MAX_REFUSED);
  assertEquals(client.connection.closed, undefined);
  ask(5);

  assertEquals(client.connection.closed?.code, 1008);
  assertEquals(
    client.connection.sent.filter((frame) => frame.startsWith("e")).length,
    2 * MAX_REFUSED,
  );
});

Deno.test("a worker of an older link is spared requests and clients' comings and goings", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(OLD);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qx add\n1");
  client.saysTyped("q0 note\n1");
  client.client.onAway(1006, "", 60_000);
  client.client.onBack(0, 5);
  client.say("a");
  assertEquals(client.connection.sent, ["ex unknown\nnull"]);
  assertEquals(worker.texts, ["1:connect", "1:a"]);
  worker.acknowledge();
  gateway.check();
});

Deno.test("a worker is told when clients are away and back", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.client.onAway(1006, "", 60_000);
  assertEquals(client.client.isAway, true);
  client.client.onBack(2, 5);
  assertEquals(client.client.isAway, false);
  assertEquals(worker.texts, ["1:connect", "1:away", "1:back"]);
  worker.lose();
  const other = gateway.addWorker(NEW);
  assertEquals(other.texts, worker.texts);
  gateway.check();
});

Deno.test("a request whose worker is lost is repeated, or said to be lost", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qa n\n1");
  worker.acknowledge();
  client.saysTyped("qb n\n1");
  worker.lose();
  assertEquals(client.connection.sent, ["ea lost\nnull"]);
  const other = gateway.addWorker(NEW);
  assertEquals(other.texts, ["1:qb n\n1"]);
  assertEquals(other.told[0]?.redelivered, true);
  assertEquals(answer(gateway, client, "rb\n1"), 1);
  gateway.check();
});

Deno.test("a request that was lost with its worker is not repeated on one that knows none", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qa n\n1");
  worker.lose();
  gateway.addWorker(OLD);
  assertEquals(client.connection.sent, ["ea lost\nnull"]);
  gateway.check();
});

Deno.test("a worker is told at once that an answer is not wanted any more", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qa n\n1");
  worker.acknowledge(1);
  worker.deferUpTo(1, 2);
  worker.acknowledge();
  client.saysTyped("ka");
  client.saysTyped("ka");
  client.saysTyped("kb");
  assertEquals(notices(worker), ["1:2"]);
  assertEquals(answer(gateway, client, "ea cancelled\nnull"), 1);
});

Deno.test("a request that was cancelled while it waited is not begun", () => {
  const gateway = new TestGateway();
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qa n\n1");
  client.saysTyped("ka");
  client.say("b");
  const worker = gateway.addWorker(NEW);
  assertEquals(client.connection.sent, ["ea cancelled\nnull"]);
  assertEquals(worker.texts, ["1:connect", "1:b"]);
  worker.acknowledge();
  gateway.check();
});

Deno.test("a request that was cancelled is not repeated when its worker is lost", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qa n\n1");
  client.saysTyped("ka");
  worker.lose();
  const other = gateway.addWorker(NEW);
  assertEquals(other.texts, ["1:connect"]);
  assertEquals(client.connection.sent, ["ea cancelled\nnull"]);
  gateway.check();
});

Deno.test("workers are told that a client with open requests is gone", () => {
  const gateway = new TestGateway();
  const worker = gateway.addWorker(NEW);
  const client = gateway.addClient(TYPED_CODEC);
  client.saysTyped("qa n\n1");
  client.saysTyped("qb n\n1");
  client.leave();
  assertEquals(notices(worker), ["1:0"]);
  assertEquals(gateway.typed.counts.open, 0);
});

Deno.test("typed frames reach only those who know them, and are encoded once", () => {
  const gateway = new TestGateway();
  gateway.addWorker(NEW);
  let encoded = 0;
  const codec = {
    ...TYPED_CODEC,
    encodeTyped: (payload: Uint8Array) => {
      encoded++;
      return payload.slice();
    },
  };
  const clients = [
    gateway.addClient(codec),
    gateway.addClient(),
    gateway.addClient(codec),
  ];
  const fanOut = new FanOut(gateway.counts, new SlowClients(gateway.counts));
  const payload = encoder.encode("q0 said\n1");
  const reached = fanOut.send(
    clients.map(({ client }) => client),
    { payload, flags: Flag.Typed },
  );
  assertEquals(reached, 2);
  assertEquals(encoded, 1);
  assertEquals(clients.map(({ connection }) => connection.sent.length), [
    1,
    0,
    1,
  ]);
});
