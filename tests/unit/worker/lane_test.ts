import { assertEquals } from "@std/assert";
import type { Cluster, Handler, HandlerEvent } from "../../../mod.ts";
import { encodeBody } from "../../../lib/link/body.ts";
import { Link } from "../../../lib/link/link.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import {
  type AnyLaneEvent,
  LaneCloseEvent,
  LaneMessageEvent,
} from "../../../lib/worker/events.ts";
import { Lane, type LaneOwner } from "../../../lib/worker/lane.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";

const CLIENT_ID = "7f0000010b5400000001";

const PEER = {
  role: "gateway",
  name: "",
  instance: "",
  address: "",
  version: LINK_VERSIONS.highest,
} as const;

/** A lane, and all that it needs. */
class TestLane implements LaneOwner {
  readonly cluster = {} as Cluster;
  readonly handler: Handler;
  readonly link: Link;
  readonly lane: Lane;
  readonly done: number[] = [];
  isSuspended = false;
  thrown = 0;
  timedOut = 0;
  #sequence = 0;

  constructor(handler: Handler) {
    this.handler = handler;
    const [conn] = MemoryConn.pair();
    this.link = new Link(
      conn,
      PEER,
      { onFrame: () => {}, onClosed: () => {} },
      { keepFrames: true, gatherWithin: 0 },
    );
    this.lane = new Lane(1, CLIENT_ID, this);
  }

  say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    const number = ++this.#sequence;
    this.lane.push(
      new LaneMessageEvent(
        this.lane,
        number,
        false,
        bytes,
        0,
        bytes.length,
        false,
      ),
      number,
    );
  }

  leave(): void {
    const body = encodeBody({ code: 1001, reason: "bye" });
    const number = ++this.#sequence;
    this.lane.push(
      new LaneCloseEvent(this.lane, number, false, body, 0, body.length),
      number,
    );
  }

  onDone(_lane: Lane, _event: AnyLaneEvent, sequence: number): void {
    this.done.push(sequence);
  }

  onThrown(): void {
    this.thrown++;
  }

  onTimedOut(): void {
    this.timedOut++;
  }
}

/** A handler that finishes each event when told, and notes when it began. */
function gated() {
  const gates: PromiseWithResolvers<string | undefined>[] = [];
  const begun: string[] = [];
  const handler = (event: HandlerEvent) => {
    begun.push(event.type === "message" ? event.text() : event.type);
    const gate = Promise.withResolvers<string | undefined>();
    gates.push(gate);
    return gate.promise;
  };
  const finish = async (index: number) => {
    gates[index]?.resolve(undefined);
    for (let each = 0; each < 5; each++) await Promise.resolve();
  };
  return { begun, handler, finish, gates };
}

Deno.test("Lane runs a handler that is not asynchronous at once", () => {
  const owner = new TestLane(() => {});

  owner.say("a");
  owner.say("b");

  assertEquals(owner.done, [1, 2]);
});

Deno.test("Lane begins an event when the one before it is done", async () => {
  const { handler, begun, finish } = gated();
  const owner = new TestLane(handler);

  for (const text of ["a", "b"]) owner.say(text);
  owner.leave();
  assertEquals(begun, ["a"]);
  await finish(0);
  assertEquals(begun, ["a", "b"]);
  await finish(1);
  await finish(2);

  assertEquals(begun, ["a", "b", "close"]);
  assertEquals(owner.done, [1, 2, 3]);
});

Deno.test("Lane counts what a handler throws, and goes on", async () => {
  await using _log = await LogLines.collect();
  const owner = new TestLane((event) => {
    if (event.type !== "message") return;
    if (event.text() === "sync") throw new RangeError("one");
    return Promise.reject(new RangeError("other"));
  });

  owner.say("sync");
  owner.say("async");
  for (let each = 0; each < 5; each++) await Promise.resolve();

  assertEquals(owner.thrown, 2);
  assertEquals(owner.done, [1, 2]);
});

Deno.test("Lane begins nothing while its gateway may tell others, and goes on when it may not", async () => {
  const { handler, begun, finish } = gated();
  const owner = new TestLane(handler);
  for (const text of ["a", "b"]) owner.say(text);

  owner.isSuspended = true;
  await finish(0);
  assertEquals(begun, ["a"]);
  owner.isSuspended = false;
  owner.lane.resume();

  assertEquals(begun, ["a", "b"]);
  await finish(1);
  assertEquals(owner.done, [1, 2]);
});

Deno.test("Lane answers with strings and bytes, but not to a close event", () => {
  const owner = new TestLane((event) =>
    event.type === "message" && event.text() === "bytes"
      ? new Uint8Array(3)
      : "text"
  );

  owner.say("text");
  assertEquals(owner.link.log.appendedBytes, 16 + 4);
  owner.say("bytes");
  assertEquals(owner.link.log.appendedBytes, 16 + 4 + 16 + 3);
  owner.leave();
  assertEquals(owner.link.log.appendedBytes, 16 + 4 + 16 + 3);
});

Deno.test("Lane takes only a string or bytes for a message", () => {
  const owner = new TestLane((event) => {
    if (event.type === "message") event.client.send({} as unknown as string);
  });

  owner.say("a");

  assertEquals(owner.thrown, 1);
  assertEquals(owner.link.log.appendedBytes, 0);
});

Deno.test("Lane.expire() goes on without a handler that runs for too long, and ignores it then", async () => {
  await using _log = await LogLines.collect();
  const { handler, begun, finish, gates } = gated();
  const owner = new TestLane(handler);
  for (const text of ["a", "b"]) owner.say(text);

  owner.lane.expire(60_000);
  assertEquals(begun, ["a"]);
  owner.lane.expire(0);
  assertEquals(begun, ["a", "b"]);
  gates[0]?.resolve("too late");
  await finish(1);

  assertEquals(owner.timedOut, 1);
  assertEquals(owner.done, [1, 2]);
  assertEquals(owner.link.log.appendedBytes, 0);
});

Deno.test("Lane goes on without a link, and sends nothing", () => {
  const owner = new TestLane((event) => {
    if (event.type !== "message") return;
    event.client.session["last"] = event.text();
    return event.text();
  });
  owner.link.destroy();

  owner.say("a");
  owner.say("b");

  assertEquals(owner.done, [1, 2]);
  assertEquals(owner.lane.session.value, { last: "b" });
});
