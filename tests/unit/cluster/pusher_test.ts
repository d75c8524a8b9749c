import { assertEquals, assertRejects } from "@std/assert";
import { eventually } from "../../_support/eventually.ts";
import {
  LinkClosedError,
  LinkFullError,
  PartialResultError,
} from "../../../lib/base/errors.ts";
import { Pusher, type PushLine } from "../../../lib/cluster/pusher.ts";
import type { Take } from "../../../lib/nats/nats_line.ts";
import {
  decodePush,
  encodePushAnswer,
  type PushAnswer,
} from "../../../lib/nats/push_message.ts";
import { Kind, seal, unseal } from "../../../lib/nats/seal.ts";
import { shardOf } from "../../../lib/nats/subjects.ts";
import { Command } from "../../../lib/wire/command.ts";
import { FrameDecoder } from "../../../lib/wire/frame.ts";

const KEY = "push key";
const encoder = new TextEncoder();
const FRAME = {
  command: Command.SendToAll,
  flags: 0,
  head: new Uint8Array(),
  payload: encoder.encode("hi"),
};

/** NATS as it can be, and what was published there. */
class FakeLine implements PushLine {
  readonly published: { id: Uint8Array; texts: string[]; reply: string }[] = [];
  isConnected = true;
  takes = true;
  unconfirmed = 0;
  maxPayload = 1_000;
  #take: Take = () => {};

  publish(subject: string, bytes: Uint8Array, reply = ""): boolean {
    if (!this.takes) return false;
    const said = unseal([KEY], subject, bytes);
    assertEquals(said?.kind, Kind.Push);
    const { id, frames } = decodePush(said?.body ?? new Uint8Array());
    this.published.push({ id, texts: textsOf(frames), reply });
    return true;
  }

  subscribe(_subject: string, take: Take): Disposable {
    this.#take = take;
    return { [Symbol.dispose]: () => this.#take = () => {} };
  }

  flush(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** A bridge answers the newest push. */
  answer(answer: Partial<PushAnswer>, key = KEY): void {
    const { id = new Uint8Array(), reply = "" } = this.published.at(-1) ?? {};
    const whole = {
      id,
      cell: "eu",
      shard: 0,
      epoch: 1,
      shards: 1,
      reached: 1,
      cells: ["eu"],
      silent: [],
      ...answer,
    };
    const body = encodePushAnswer(whole);
    this.#take(seal(key, reply, Kind.PushAnswer, [body]), undefined);
  }

  /** NATS says that nobody listens. */
  desert(): void {
    this.#take(new Uint8Array(), undefined);
  }
}

function textsOf(frames: Uint8Array): string[] {
  const texts: string[] = [];
  const decoder = new FrameDecoder({
    onFrame: (_header, buffer, start, end) =>
      texts.push(new TextDecoder().decode(buffer.subarray(start, end))),
  });
  decoder.push(
    frames,
    new DataView(frames.buffer, frames.byteOffset),
    0,
    frames.length,
  );
  return texts;
}

function stage(timeout = 1_000): { line: FakeLine; pusher: Pusher } {
  const line = new FakeLine();
  const parts = { line, cluster: "main", keys: [KEY, "old"], timeout };
  return { line, pusher: new Pusher(parts) };
}

function frame(text: string): typeof FRAME {
  return { ...FRAME, payload: encoder.encode(text) };
}

Deno.test("Pusher.tell() hands over in one message what was said in one breath, in order", async () => {
  const { line, pusher } = stage();

  await Promise.all(["a", "b", "c"].map((text) => pusher.tell(frame(text))));

  assertEquals(line.published.map(({ texts }) => texts), [["a", "b", "c"]]);
});

Deno.test("Pusher.ask() goes behind what was told before, and asks for answers alone", async () => {
  const { line, pusher } = stage();

  const told = pusher.tell(frame("first"));
  const asked = pusher.ask("sendToAll", frame("second"), {});
  line.answer({ reached: 3 });

  assertEquals(await asked, 3);
  await told;
  assertEquals(line.published.map(({ texts }) => texts), [["first"], [
    "second",
  ]]);
  assertEquals(line.published[0]?.reply, "");
});

Deno.test("Pusher.ask() waits for every cell that any of them knows, and adds them up", async () => {
  const { line, pusher } = stage();

  const asked = pusher.ask("sendToAll", FRAME, {});
  line.answer({ cell: "eu", reached: 2, cells: ["eu", "us"], silent: ["us"] });
  line.answer({ cell: "us", reached: 5, cells: ["us"] });
  line.answer({ cell: "us", reached: 5, cells: ["us"] });

  assertEquals(await asked, 7);
});

Deno.test("Pusher.ask() waits for the shards of its names, and for no others", async () => {
  const { line, pusher } = stage();
  const uids = ["a", "b", "c", "d", "e", "f"];
  const shards = [...new Set(uids.map((uid) => shardOf(`u${uid}`, 2)))];
  assertEquals(shards.length, 2);

  const both = pusher.ask("sendToUid", FRAME, { uids });
  for (const shard of shards) line.answer({ shard, shards: 2 });
  const [uid = ""] = uids;
  const one = pusher.ask("sendToUid", FRAME, { uids: [uid] });
  line.answer({ shard: shardOf(`u${uid}`, 2), shards: 2 });

  assertEquals([await both, await one], [2, 1]);
});

Deno.test("Pusher.ask() names the cells and gateways that did not answer", async () => {
  const { line, pusher } = stage(20);

  const asked = pusher.ask("sendToAll", FRAME, {});
  line.answer({
    reached: 2,
    cells: ["eu", "us"],
    silent: ["us", "10.0.0.1:2900"],
  });

  const error = await assertRejects(() => asked, PartialResultError);
  assertEquals(error.partial, 2);
  assertEquals(error.gateways, ["cell us", "10.0.0.1:2900"]);
});

Deno.test("Pusher.ask() rejects where nobody listens, at once, and where nobody answers", async () => {
  const { line, pusher } = stage(20);

  const deserted = pusher.ask("sendToAll", FRAME, {});
  line.desert();
  await assertRejects(() => deserted, LinkClosedError, "no bridge listens");
  const unheard = pusher.ask("sendToAll", FRAME, {});
  line.answer({}, "a key of somebody else");
  await assertRejects(() => unheard, LinkClosedError, "within 20 ms");
});

Deno.test("Pusher rejects what NATS does not take, and says why", async () => {
  const { line, pusher } = stage();
  line.takes = false;

  await assertRejects(() => pusher.tell(FRAME), LinkFullError);
  line.isConnected = false;
  await assertRejects(() => pusher.tell(FRAME), LinkClosedError);
  await assertRejects(
    () => pusher.ask("sendToAll", FRAME, {}),
    LinkClosedError,
  );
});

Deno.test("Pusher takes a message that NATS has room for, and none that is one byte longer", async () => {
  const { line, pusher } = stage();
  const most = line.maxPayload - 256 - 16;

  await pusher.tell(frame("x".repeat(most)));
  await assertRejects(
    // Thrown at once, as all mistakes of a caller.
    async () => await pusher.tell(frame("x".repeat(most + 1))),
    RangeError,
    "at most 1000 bytes",
  );
});

Deno.test("Pusher.ask() adds up what two bridges of a cell reached, and counts no answer twice", async () => {
  const { line, pusher } = stage();

  const asked = pusher.ask("sendToAll", FRAME, {});
  // Each of them was told by one gateway that the other one had done it.
  line.answer({ epoch: 1, reached: 2, silent: ["10.0.0.1:2900"] });
  line.answer({ epoch: 1, reached: 2, silent: ["10.0.0.1:2900"] });
  line.answer({ epoch: 2, reached: 3, silent: ["10.0.0.2:2900"] });

  assertEquals(await asked, 5);
});

Deno.test("Pusher.ask() asks again, by the same id, where NATS has lost what it asked", async () => {
  const { line, pusher } = stage(40);

  const asked = pusher.ask("sendToAll", FRAME, {});
  await eventually(
    "it is asked twice more",
    () => line.published.length === 3,
  );
  line.answer({ reached: 3 });

  assertEquals(await asked, 3);
  const ids = line.published.map(({ id }) => id.toHex());
  assertEquals([ids.length, new Set(ids).size], [3, 1]);
});
