/** What being a cell costs what is sent inside of it: nothing. @module */

import { assertEquals, assertGreater } from "@std/assert";
import { Bridge } from "../../../lib/bridge/mod.ts";
import { parseAddress } from "../../../lib/base/address.ts";
import { BusinessWorker, defineHandler, Register } from "../../../mod.ts";
import { Command, isEvent } from "../../../lib/wire/command.ts";
import { FrameDecoder } from "../../../lib/wire/frame.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinePeer } from "../../_support/line_peer.ts";
import { NatsServer, WITH_NATS } from "../../_support/nats_server.ts";
import { clientFrame } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";
import { CELL_KEY } from "./_cells.ts";

/** Does as told; the client hears "done" behind all that it was sent. */
const obeying = defineHandler({
  message: async (event, cluster) => {
    const [what, name = ""] = event.text().split(" ");
    if (what === "bind") await event.client.bindUid(name);
    if (what === "join") await event.client.joinGroup(name);
    if (what === "uid") await cluster.sendToUid(name, `to uid ${name}`);
    if (what === "group") await cluster.sendToGroup(name, `to ${name}`);
    if (what === "all") await cluster.sendToAll("to all");
    if (what === "me") await event.client.send("to me");
    return "done";
  },
});

const ORDERS = [
  "bind ann",
  "join room",
  ...Array.from({ length: 8 }, () => ["uid ann", "group room", "all", "me"]),
].flat();

/** More than all stamps of the test, and less than ids of clients, almost surely. */
const MAX_STAMP = 1_000;

/** Frames of a link that begin and end it, or keep it alive. */
const LIFE: readonly number[] = [
  Command.Hello,
  Command.Challenge,
  Command.Proof,
  Command.Welcome,
  Command.Ping,
  Command.Pong,
  Command.Acknowledge,
  Command.Bye,
  Command.Leave,
  Command.Drain,
  Command.Drained,
];

/** A cable to a gateway, and what passes on it, in both directions. */
class Tap implements Disposable {
  readonly #gateway: string;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.Conn[] = [];
  readonly address = `127.0.0.1:${this.#listener.addr.port}`;
  /** Of each connection: what came from the gateway, and what went there. */
  readonly taps: { from: Uint8Array[]; to: Uint8Array[] }[] = [];

  constructor(gateway: string) {
    this.#gateway = gateway;
    void this.#accept();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const conn of this.#conns) closeQuietly(conn);
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      const far = await Deno.connect(parseAddress(this.#gateway));
      const tap = { from: [], to: [] };
      this.taps.push(tap);
      this.#conns.push(near, far);
      void pass(near, far, tap.to);
      void pass(far, near, tap.from);
    }
  }
}

async function pass(
  from: Deno.Conn,
  to: Deno.Conn,
  seen: Uint8Array[],
): Promise<void> {
  try {
    for await (const chunk of from.readable) {
      seen.push(chunk.slice());
      for (let at = 0; at < chunk.length;) {
        at += await to.write(chunk.subarray(at));
      }
    }
  } catch {
    // Either end is gone: so is the other one.
  }
  closeQuietly(to);
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}

/** What frames say: of events of clients their length, since they name ports. */
function framesIn(chunks: readonly Uint8Array[]): string[] {
  const bytes = new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
  const frames: string[] = [];
  const decoder = new FrameDecoder({
    onFrame: (header, buffer, start, end) => {
      const { command, flags, connectionId, number } = header;
      if (LIFE.includes(command)) return;
      const isPlain = !isEvent(command) && command !== Command.Bind &&
        command !== Command.Witness;
      const body = isPlain ? buffer.subarray(start, end).toHex() : "";
      // Ids of clients begin anywhere; stamps stand there, too, and begin at 1.
      const client = connectionId > MAX_STAMP ? "client" : connectionId;
      frames.push([command, flags, client, number, body].join(" "));
    },
  });
  const view = new DataView(bytes.buffer);
  decoder.push(bytes, view, 0, bytes.length);
  return frames;
}

async function startBridge(
  stack: AsyncDisposableStack,
  register: readonly string[],
): Promise<Bridge> {
  const nats = stack.use(await NatsServer.start());
  const bridge = stack.use(
    await Bridge.start({
      cell: "eu",
      nats: nats.url,
      cellKey: CELL_KEY,
      register,
      lanIp: "127.0.0.1",
      bridgePort: 0,
    }),
  );
  await bridge.ready();
  return bridge;
}

/** What is seen of a cluster in which clients do the same things. */
async function capture(
  isCell: boolean,
): Promise<{ client: string; from: string[]; to: string[] }> {
  await using cluster = await startCluster({ handler: obeying, workers: 0 });
  await using register = await Register.start({ listen: "127.0.0.1:0" });
  const registers = [register.status().address];
  using tap = new Tap(cluster.gateway.lanAddress);
  using peer = await LinePeer.dial(register.addr);
  await peer.announceOurs(tap.address, "");
  await using stack = new AsyncDisposableStack();
  const bridge = isCell ? await startBridge(stack, registers) : undefined;
  const before = tap.taps.length;
  const worker = stack.use(
    await BusinessWorker.start({ handler: obeying, register: registers }),
  );
  await eventually("the worker is linked", () => worker.gateways === 1);
  await eventually(
    "the worker is linked to the bridge",
    () => bridge === undefined || bridge.report().workers === 1,
  );
  using client = await RawClient.dial(cluster.gateway.addr);
  await client.say(UPGRADE_REQUEST);
  let heard = await client.hearUntil("\r\n\r\n");
  for (const order of ORDERS) {
    await client.say(clientFrame(1, order));
    heard += await client.hearUntil("done");
  }
  const { from = [], to = [] } = tap.taps[before] ?? {};
  return {
    client: heard.replace(/^date: .*$/im, ""),
    from: framesIn(from),
    to: framesIn(to),
  };
}

Deno.test(
  "what is sent inside a cluster is byte for byte the same on links and to clients, whether it is a cell or not",
  WITH_NATS,
  async () => {
    const plain = await capture(false);
    const cell = await capture(true);

    assertGreater(plain.client.length, 500);
    assertGreater(plain.to.length, 32);
    assertEquals(cell.client, plain.client);
    assertEquals(cell.from, plain.from);
    assertEquals(cell.to, plain.to);
  },
);
