import { assertEquals } from "@std/assert";
import type { LinkedBridge } from "../../../lib/cluster/linked_bridge.ts";
import { SendsAbroad } from "../../../lib/cluster/sends_abroad.ts";
import { shardOf } from "../../../lib/nats/subjects.ts";
import { Command } from "../../../lib/wire/command.ts";
import type { FrameLog } from "../../../lib/wire/frame_log.ts";
import { FrameScratch } from "../../../lib/wire/frame_scratch.ts";
import { FakeClock } from "../../_support/fake_clock.ts";

/** What a log is told of a frame. */
type Appended = Parameters<FrameLog["append"]>;

/** A bridge, and what it was sent: numbers and texts. */
class FakeBridge {
  readonly sent: string[] = [];
  readonly linked: LinkedBridge;

  constructor(epochs: readonly number[], version = 6) {
    this.linked = {
      active: { cell: "eu", epochs },
      link: {
        peer: { version },
        send: (command: number, _shard: number, number: number) =>
          this.sent.push(
            command === Command.Origin ? "origin" : `none up to ${number}`,
          ),
        log: { append: (...frame: Appended) => this.#append(frame) },
        touch: () => {},
      },
    } as unknown as LinkedBridge;
  }

  #append([_command, _flags, number, _id, bytes, start, end]: Appended): void {
    const text = new TextDecoder().decode(bytes.subarray(start, end));
    this.sent.push(`${number} ${text}`);
  }
}

/** Sends, and the bridge that each shard's go to. */
class Stage {
  current: FakeBridge | undefined;
  readonly sends = new SendsAbroad(() => this.current?.linked);

  /** A bridge is the one that is active. */
  use(bridge: FakeBridge | undefined): void {
    this.current = bridge;
    if (bridge !== undefined) {
      this.sends.greet(bridge.linked);
      const { epochs } = bridge.linked.active;
      this.sends.divide(epochs.length, []);
    }
    this.sends.look();
  }
}

function frameOf(text: string): FrameScratch {
  const frame = new FrameScratch();
  frame.send(Command.SendToUid, 0, 0, new TextEncoder().encode(text));
  return frame;
}

Deno.test("SendsAbroad hands the next bridge all that is not confirmed, before anything newer", () => {
  const stage = new Stage();
  const [one, other] = [new FakeBridge([1]), new FakeBridge([2])];
  stage.use(one);
  for (const text of ["a", "b", "c"]) stage.sends.send(0, frameOf(text));
  stage.sends.confirm(0, 1);

  stage.use(other);
  stage.sends.send(0, frameOf("d"));
  stage.sends.confirm(0, 4);
  stage.use(one);

  assertEquals(one.sent, [
    ...["origin", "1 a", "2 b", "3 c"],
    ...["origin", "none up to 4"],
  ]);
  assertEquals(other.sent, [
    ...["origin", "none up to 3", "2 b", "3 c", "4 d"],
  ]);
  assertEquals(stage.sends.lost, 0);
});

Deno.test("SendsAbroad holds what is sent before any bridge says how many shards there are", () => {
  const stage = new Stage();
  const names = ["ua", "ub", "uc", "ud", "ue"];
  const ofShard = (shard: number) =>
    names.filter((name) => shardOf(name, 2) === shard);
  const counts = [ofShard(0).length, ofShard(1).length];
  assertEquals(counts.includes(0), false);

  for (const name of names) stage.sends.sendEarly([name], frameOf(name));
  stage.sends.sendEarly(names, frameOf("all"));
  const bridge = new FakeBridge([5, 5]);
  stage.use(bridge);

  const places = [0, 0];
  const expected = names.map((name) => {
    const shard = shardOf(name, 2);
    return `${places[shard] = (places[shard] ?? 0) + 1} ${name}`;
  });
  // The bridge divides what is for both shards: that has no number.
  assertEquals(bridge.sent, ["origin", ...expected, "0 all"]);
});

Deno.test("SendsAbroad counts what no active bridge takes in ten seconds, and what nobody knew the way of", () => {
  using clock = new FakeClock();
  const stage = new Stage();
  stage.sends.sendEarly(["ua"], frameOf("early"));
  clock.standStill(10_001);
  stage.sends.tick();
  assertEquals(stage.sends.lost, 1);

  // One that stands by holds what it is sent, but nobody else will.
  stage.use(new FakeBridge([0]));
  stage.sends.send(0, frameOf("a"));
  stage.sends.tick();
  assertEquals(stage.sends.lost, 1);
  clock.standStill(10_001);
  stage.sends.tick();
  assertEquals(stage.sends.lost, 2);

  // An active one counts itself.
  stage.use(new FakeBridge([7]));
  stage.sends.send(0, frameOf("b"));
  clock.standStill(60_000);
  stage.sends.tick();
  assertEquals(stage.sends.lost, 2);
});

Deno.test("SendsAbroad has a bridge that stands by bring nothing that was given up meanwhile", () => {
  using clock = new FakeClock();
  const stage = new Stage();
  const bridge = new FakeBridge([0]);
  stage.use(bridge);
  stage.sends.send(0, frameOf("late"));
  clock.standStill(10_001);
  stage.sends.send(0, frameOf("in time"));
  stage.sends.tick();
  assertEquals(stage.sends.lost, 1);

  Object.assign(bridge.linked, { active: { cell: "eu", epochs: [7] } });
  stage.sends.look();

  assertEquals(bridge.sent, [
    ...["origin", "1 late", "2 in time", "none up to 1"],
  ]);
  assertEquals(stage.sends.lost, 1);
});

Deno.test("SendsAbroad hands a bridge all again that is active anew, as what it had before is gone", () => {
  const stage = new Stage();
  const bridge = new FakeBridge([7]);
  stage.use(bridge);
  stage.sends.send(0, frameOf("a"));

  Object.assign(bridge.linked, { active: { cell: "eu", epochs: [8] } });
  stage.sends.look();

  assertEquals(bridge.sent, ["origin", "1 a", "none up to 1", "1 a"]);
});

Deno.test("SendsAbroad counts what it could not keep while there was no bridge", () => {
  const stage = new Stage();
  stage.use(new FakeBridge([1]));
  stage.use(undefined);
  const long = "x".repeat(3 * 1024 * 1024);
  for (let i = 0; i < 4; i++) stage.sends.send(0, frameOf(long));

  const next = new FakeBridge([2]);
  stage.use(next);

  assertEquals(next.sent.map((text) => text.slice(0, 4)), [
    ...["orig", "none", "3 xx", "4 xx"],
  ]);
  assertEquals(stage.sends.lost, 2);
});

Deno.test("SendsAbroad numbers and keeps nothing for a bridge that knows no origins", () => {
  const stage = new Stage();
  const [old, other] = [new FakeBridge([1], 5), new FakeBridge([2])];
  stage.use(old);

  stage.sends.send(0, frameOf("a"));
  stage.use(other);

  assertEquals(old.sent, ["0 a"]);
  assertEquals(other.sent, ["origin"]);
});

Deno.test("SendsAbroad forgets that there were other cells a minute after the last bridge", () => {
  using clock = new FakeClock();
  const stage = new Stage();
  stage.use(new FakeBridge([1]));
  stage.sends.tick();
  stage.use(undefined);
  stage.sends.send(0, frameOf("a"));

  clock.standStill(30_000);
  stage.sends.tick();
  assertEquals([stage.sends.shards, stage.sends.lost], [1, 1]);
  clock.standStill(31_000);
  stage.sends.tick();
  assertEquals([stage.sends.shards, stage.sends.lost], [0, 1]);
});
