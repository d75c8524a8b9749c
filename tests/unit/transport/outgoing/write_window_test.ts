import { assertEquals } from "@std/assert";
import { pause } from "../../../../lib/base/pause.ts";
import { MAX_COPIED } from "../../../../lib/transport/outgoing/chunk_queue.ts";
import { Outbox } from "../../../../lib/transport/outgoing/outbox.ts";
import { Surplus } from "../../../../lib/transport/outgoing/surplus.ts";
import { WriteWindow } from "../../../../lib/transport/outgoing/write_window.ts";
import { bytes, text } from "../_feed.ts";
import { FakeStream, settle } from "../_fake_stream.ts";

/** Longer than anything that happens in between takes. */
const WITHIN = 300;

const NOBODY = {
  onRelease: () => {},
  onDrained: () => {},
  onRecalled: () => {},
  onWriteFailed: () => {},
};

/** An outbox that was written to a moment ago. */
async function setUp(window: WriteWindow) {
  const stream = new FakeStream();
  const surplus = new Surplus({ now: () => 0 });
  const rules = { sendBuffer: 1_000_000, writeWindow: window, surplus };
  const outbox = new Outbox(stream, rules, NOBODY);
  outbox.append(bytes("first "));
  await settle();
  return { stream, outbox };
}

Deno.test("WriteWindow lets a write go at once to a client that was not written to", async () => {
  using window = new WriteWindow(WITHIN);
  const { stream } = await setUp(window);

  assertEquals(stream.writes.map(text), ["first "]);
});

Deno.test("WriteWindow makes one write of what comes within it, in order", async () => {
  using window = new WriteWindow(WITHIN);
  const { stream, outbox } = await setUp(window);

  for (const word of ["a", "b", "c"]) {
    outbox.append(bytes(word));
    await settle();
  }
  assertEquals(stream.writes.length, 1);
  await pause(WITHIN + 20);

  assertEquals(stream.writes.map(text), ["first ", "abc"]);
  assertEquals(outbox.queuedBytes, 0);
});

Deno.test("WriteWindow holds back neither much nor what follows it", async () => {
  using window = new WriteWindow(WITHIN);
  const { stream, outbox } = await setUp(window);

  outbox.append(new Uint8Array(MAX_COPIED + 1));
  await settle();

  assertEquals(stream.writes.length, 2);
});

Deno.test("WriteWindow writes nothing to an outbox that was closed meanwhile", async () => {
  using window = new WriteWindow(WITHIN);
  const { stream, outbox } = await setUp(window);
  outbox.append(bytes("late"));
  await settle();

  outbox.close();
  await pause(WITHIN + 20);

  assertEquals(stream.writes.length, 1);
});
