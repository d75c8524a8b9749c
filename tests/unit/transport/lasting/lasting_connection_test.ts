/**
 * Sessions that outlive their sockets, in virtual time.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ConnectionLimit } from "../../../../lib/transport/admission/connection_limit.ts";
import type {
  ConnectionListener,
  QueuePolicy,
} from "../../../../lib/transport/connection.ts";
import {
  LastingConnections,
  type ResumeSettings,
} from "../../../../lib/transport/lasting/lasting_connections.ts";
import type {
  ClaimOutcome,
  ShownToken,
} from "../../../../lib/transport/lasting/claimer.ts";
import { TokenMint } from "../../../../lib/transport/lasting/token.ts";
import { WebSocketConnection } from "../../../../lib/transport/websocket/websocket.ts";
import { eventually } from "../../../_support/eventually.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  PLAIN_RULES,
  settle,
} from "../_fake_stream.ts";
import { bytes, clientFrame, text } from "../_feed.ts";
import { inflateAlone } from "../../../../lib/transport/websocket/deflate/zlib_stream.ts";
import { UPGRADE_REQUEST } from "../_raw_client.ts";

/** Also writes down who goes and comes. */
class SessionLog extends ConnectionLog {
  checkpoint: ((isHandled: boolean) => void) | undefined;

  onAway(code: number): void {
    this.lines.push(`away ${code}`);
  }

  onBack(missed: number, away: number): void {
    this.lines.push(`back ${missed} ${away}`);
  }

  onCheckpoint(tell: (isHandled: boolean) => void): void {
    this.checkpoint = tell;
  }
}

/** A gateway's clients, and the time. */
class Scene implements Disposable {
  #time = 0;
  readonly context = new FakeContext(100_000, 10_000);
  readonly keeper: LastingConnections;

  constructor(settings: Partial<ResumeSettings> = {}) {
    this.keeper = new LastingConnections({
      window: 60_000,
      bytes: 100_000,
      total: 1_000_000,
      maxAway: 100,
      pingInterval: 10_000,
      helloTimeout: 100,
      authorizeTimeout: 200,
      tokens: { gatewayId: "7f0000010b54", keys: () => [] },
      limit: new ConnectionLimit(),
      now: () => this.#time,
      ...settings,
    });
    this.context.keeper = this.keeper;
    this.context.rules = { ...PLAIN_RULES, lasting: "gatewayworker.v1" };
  }

  /** Lets so many milliseconds pass. */
  async pass(time: number): Promise<void> {
    this.#time += time;
    this.keeper.tick();
    await this.context.pass(time);
  }

  /** A socket that has shaken hands. */
  async dial(
    log: ConnectionListener = new SessionLog(),
    extension = "",
  ): Promise<Socket> {
    const stream = new FakeStream();
    new WebSocketConnection(stream, this.context).open(log);
    const headers = "Sec-WebSocket-Protocol: gatewayworker.v1\r\n" + extension;
    await stream.deliver(
      bytes(UPGRADE_REQUEST.replace(/\r\n$/, `${headers}\r\n`)),
    );
    return new Socket(stream);
  }

  /** A socket that has said hello. */
  async connect(
    hello: Record<string, unknown> = {},
    log: ConnectionListener = new SessionLog(),
  ): Promise<[socket: Socket, token: string]> {
    const socket = await this.dial(log);
    await socket.say(`h${JSON.stringify(hello)}`);
    const [welcome = ""] = socket.heard(1);
    return [socket, JSON.parse(welcome.slice(1)).t];
  }

  [Symbol.dispose](): void {
    this.keeper[Symbol.dispose]();
    this.context[Symbol.dispose]();
  }
}

/** One socket of a client. */
class Socket {
  readonly stream: FakeStream;
  #seen = 0;

  constructor(stream: FakeStream) {
    this.stream = stream;
    this.#seen = text(stream.output).indexOf("\r\n\r\n") + 4;
  }

  async say(...frames: string[]): Promise<void> {
    await this.stream.deliver(...frames.map((each) => clientFrame(1, each)));
  }

  /** The cable is cut. */
  async cut(): Promise<void> {
    await this.stream.failRead();
  }

  /** What came since the last look, up to so many frames. */
  heard(most = Infinity): string[] {
    const output = this.stream.output;
    const frames: string[] = [];
    while (this.#seen < output.length && frames.length < most) {
      const [first = 0, mark = 0] = output.subarray(this.#seen);
      const size = mark === 126 ? 4 : 2;
      const length = mark === 126
        ? (output[this.#seen + 2] ?? 0) * 256 + (output[this.#seen + 3] ?? 0)
        : mark;
      const start = this.#seen + size;
      const payload = output.subarray(start, start + length);
      this.#seen = start + length;
      const opcode = first & 0x0f;
      if (opcode === 8) frames.push(`close ${number(payload)}`);
      else frames.push(text((first & 0x40) ? inflateAlone(payload) : payload));
    }
    return frames;
  }
}

function number([high = 0, low = 0]: Uint8Array): number {
  return 256 * high + low;
}

function offer(
  { connection }: ConnectionLog,
  message: string,
  policy: QueuePolicy,
): void {
  const frame = connection?.codec.encode(bytes(message), false);
  if (frame !== undefined) connection?.offer(frame, policy, "key");
}

function send(log: ConnectionLog, ...messages: string[]): void {
  for (const message of messages) {
    log.connection?.send(bytes(message), 0, message.length, false);
  }
}

Deno.test("LastingConnection goes on over another socket, and raises each thing once", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [first, t] = await scene.connect({}, log);
  await first.say("m1");
  send(log, "one", "two");
  await settle();
  assertEquals(first.heard(), ["mone", "mtwo"]);
  await first.cut();
  await scene.pass(1_000);
  send(log, "three");

  const [second] = await scene.connect({ t, r: 1 });
  await second.say("m2");

  assertEquals(second.heard().slice(0, 2), ["mtwo", "mthree"]);
  await scene.pass(60_000);
  assertEquals(log.lines, [
    "open",
    "text 1",
    "away 1006",
    "back 0 1000",
    "text 2",
  ]);
});

Deno.test("LastingConnection ends once, when its window is over", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [first, t] = await scene.connect({}, log);
  await first.cut();
  await scene.pass(59_999);
  assertEquals(log.lines, ["open", "away 1006"]);

  // A return in the very turn in which it ends comes too late, and is a new session.
  const late = await scene.dial();
  const isOver = scene.pass(1);
  await late.say(`h{"t":"${t}"}`);
  await isOver;

  assertEquals(log.lines, ["open", "away 1006", "close 1006 "]);
  assert(late.heard()[0]?.includes('"reason":"expired"'));
  assertEquals(scene.keeper.figures.sessions, 1);
});

Deno.test("LastingConnection has a shorter window if it is told so, and none longer", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [client] = await scene.connect({}, log);
  log.connection?.setWindow?.(5_000);
  await client.cut();
  await scene.pass(4_999);
  log.connection?.setWindow?.(1_000_000);
  await scene.pass(54_000);
  assertEquals(log.lines, ["open", "away 1006"]);

  await scene.pass(2_000);

  assertEquals(log.lines.at(-1), "close 1006 ");
});

Deno.test("LastingConnection is pinged with its count, and away if it leaves two unanswered", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [client] = await scene.connect({}, log);
  send(log, "one");
  await settle();
  client.heard();
  await scene.pass(10_000);
  assertEquals(client.heard(), ["p1"]);
  await client.say("a1");
  await scene.pass(10_000);
  assertEquals(client.heard(), ["p1"]);
  await scene.pass(10_000);
  assertEquals(log.lines, ["open"]);

  await scene.pass(10_000);

  assertEquals(log.lines, ["open", "away 1006"]);
  assert(client.stream.isClosed);
});

Deno.test("LastingConnection does not give a client up that reads a long message slowly", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [{ stream }] = await scene.connect({}, log);
  stream.isFast = false;
  send(log, "x".repeat(9_000));
  await settle();
  for (let look = 0; look < 5; look++) {
    await scene.pass(10_000);
    await stream.takeWrite(1_000);
  }
  assertEquals(log.lines, ["open"]);

  for (let look = 0; look < 3; look++) await scene.pass(10_000);

  assertEquals(log.lines, ["open", "away 1006"]);
});

Deno.test("LastingConnection keeps no more than its client has not received", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [client] = await scene.connect({}, log);
  send(log, "one", "two", "three");
  assert(scene.keeper.pool.bytes > 0);

  await client.say("a3");

  assertEquals(scene.keeper.pool.bytes, 0);
});

Deno.test("LastingConnection tells what is handled when its listener says so", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [client] = await scene.connect({}, log);
  await client.say("m1", "m2");
  await scene.pass(250);
  // A worker was lost: it is asked again.
  log.checkpoint?.(false);
  await client.say("m3");
  await scene.pass(250);
  log.checkpoint?.(true);
  await settle();

  assertEquals(client.heard(), ["a3"]);
  await scene.pass(250);
  assertEquals(client.heard(), []);
});

Deno.test("LastingConnection sends what a slow client's socket had no room for when it is back", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [first, t] = await scene.connect({}, log);
  first.stream.isFast = false;
  const message = "x".repeat(3_000);
  send(log, "1", ...Array.from({ length: 9 }, (_, i) => `${i + 2}${message}`));
  await settle();
  await scene.context.loseAllPatience();
  assertEquals(log.lines, ["open", "away 4008"]);

  const [second] = await scene.connect({ t, r: 0 });

  const heard = second.heard().map((frame) => frame.slice(1, 3));
  assertEquals(heard[0], "1");
  assertEquals(heard.length, 10);
});

Deno.test("LastingConnection tells a gap in the place of what a policy dropped", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [client, t] = await scene.connect({}, log);
  client.stream.isFast = false;
  send(log, "flight");
  await settle();
  const { connection } = log;
  for (let each = 0; each < 50; each++) {
    const policy = each % 10 === 5 ? "close" : "drop-oldest";
    offer(log, `${each}`.padEnd(500, "."), policy);
  }
  client.stream.isFast = true;
  await client.stream.takeWrite();
  await settle();

  const heard = client.heard();
  const count = heard.reduce(
    (sum, frame) => sum + (frame[0] === "g" ? Number(frame.slice(1)) : 1),
    0,
  );
  assertEquals(count, 51);
  const gaps = heard.filter((frame) => frame[0] === "g");
  const missing = gaps.reduce((sum, frame) => sum + Number(frame.slice(1)), 0);
  assertEquals(missing, connection?.dropped);
  assert(missing > 0);
  // The numbers of what came are those of what was sent.
  await client.say("a51");
  assertEquals(client.heard(), []);
  await client.cut();
  const [second] = await scene.connect({ t, r: 51 });
  assertEquals(second.heard(), []);
});

Deno.test("LastingConnection sends a replaced message once, whether or not its client has it", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [first, t] = await scene.connect({}, log);
  first.stream.isFast = false;
  send(log, "flight");
  await settle();
  for (const each of ["old", "new"]) offer(log, each, "latest");
  await first.cut();

  const [second] = await scene.connect({ t, r: 1 });

  assertEquals(second.heard(), ["mnew", "g1"]);
});

Deno.test("LastingConnection is not led astray by a socket that it has let go of", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const [first, t] = await scene.connect({}, log);
  const [second] = await scene.connect({ t });
  await first.say("mlate", "b");
  await first.cut();
  send(log, "still here");
  await settle();

  assertEquals(log.lines, ["open", "away 4009", "back 0 0"]);
  assertEquals(first.heard(), ["close 4009"]);
  assertEquals(second.heard(), ["mstill here"]);
});

Deno.test("LastingConnection speaks as its new socket does: compressed, or not any more", async () => {
  using scene = new Scene();
  scene.context.compress();
  const log = new SessionLog();
  const extension = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  const first = await scene.dial(log, extension);
  await first.say("h{}");
  const t = JSON.parse((first.heard()[0] ?? "").slice(1)).t;
  const message = "a ".repeat(100);
  send(log, message, "short");
  await settle();
  assertEquals(first.heard(), [`m${message}`, "mshort"]);
  await first.cut();

  const [second] = await scene.connect({ t, r: 0 });

  assertEquals(second.heard(), [`m${message}`, "mshort"]);
});

Deno.test("a client that says no hello in time is sent away", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  const client = await scene.dial(log);
  await scene.context.pass(100);

  assertEquals(client.heard(), ["close 4012"]);
  assertEquals(log.lines, []);
});

Deno.test("a client that waits for its authorization sends nothing, and is told to come back if it takes too long", async () => {
  using scene = new Scene();
  const log = new SessionLog();
  log.onRequest = () => new Promise(() => {});
  const client = await scene.dial(log);
  await client.say("h{}");
  await scene.context.pass(200);

  const [later = "", close] = client.heard();
  assertEquals([later[0], close], ["x", "close 4012"]);
  assertEquals(log.lines, []);
});

Deno.test("the session ends of the client that was away the longest if too many are", async () => {
  using scene = new Scene({ maxAway: 2 });
  const logs = [new SessionLog(), new SessionLog(), new SessionLog()];
  for (const log of logs) {
    const [client] = await scene.connect({}, log);
    await client.cut();
  }
  await eventually("one has ended", () => scene.keeper.figures.away === 2);

  assertEquals(logs.map(({ lines }) => lines.at(-1)), [
    "close 1006 ",
    "away 1006",
    "away 1006",
  ]);
});

Deno.test("a client that has claimed its session by two sockets goes on with it by the second", async () => {
  using scene = new Scene();
  const token = new TokenMint({ gatewayId: "7f0000010b55", keys: () => [] })
    .make();
  const claims: [ShownToken, PromiseWithResolvers<ClaimOutcome>][] = [];
  scene.keeper.claimer = {
    claim: (shown) => {
      const outcome = Promise.withResolvers<ClaimOutcome>();
      claims.push([shown, outcome]);
      return outcome.promise;
    },
  };
  const hello = `h${JSON.stringify({ t: token, r: 0 })}`;
  const first = await scene.dial();
  await first.say(hello);
  const second = await scene.dial();
  await second.say(hello);

  const [[shown, landed], [, late]] = claims as [
    typeof claims[0],
    typeof claims[0],
  ];
  shown.land({
    id: "of people",
    window: 60_000,
    away: 0,
    gone: 0,
    frames: [],
    received: 0,
    handled: 0,
  }, () => {});
  landed.resolve("landed");
  // The other gateway has it no more.
  late.resolve("expired");
  await settle();

  const [welcome = ""] = second.heard(1);
  const { resumed, id } = JSON.parse(welcome.slice(1));
  assertEquals([resumed, id], [true, "of people"]);
  assertEquals(scene.keeper.figures.sessions, 1);
});
