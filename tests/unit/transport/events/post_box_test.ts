import { assertEquals } from "@std/assert";
import {
  HeldPosts,
  PostBox,
} from "../../../../lib/transport/events/post_box.ts";
import { toWebSocketFrames } from "../../../../lib/transport/events/posted_frames.ts";
import { encodeFrames } from "../../../_support/event_client.ts";
import { bytes, clientFrame } from "../_feed.ts";

Deno.test("toWebSocketFrames() makes masked frames, and takes no body that ends within one", () => {
  for (const length of [0, 5, 125, 126, 65_535, 65_536]) {
    const frames = toWebSocketFrames(encodeFrames(["x".repeat(length)]));
    assertEquals(frames?.at(-1), length > 0 ? 120 : 0);
    assertEquals((frames?.[1] ?? 0) & 0x80, 0x80);
  }
  const [first, second] = [bytes("text"), new Uint8Array([1, 2])];
  const both = toWebSocketFrames(encodeFrames(["text", second])) ?? bytes("");
  assertEquals([both[0], both[10]], [0x81, 0x82]);
  assertEquals(both.subarray(6, 10), first);
  assertEquals(both.subarray(16), second);
  assertEquals(both.length, clientFrame(1, "text").length + 8);
  for (const wrong of [[0], [0, 0, 0, 1], [0, 0, 0, 0, 9], [255, 255, 255]]) {
    assertEquals(toWebSocketFrames(new Uint8Array(wrong)), undefined);
  }
});

Deno.test("PostBox keeps what is not read for a while, and takes it under the same number then", async () => {
  const box = new PostBox(() => true, new HeldPosts());
  const first = box.offer(0, encodeFrames(["one"]), 0);
  const again = box.offer(0, encodeFrames(["one"]), 0);
  const early = await box.offer(1, encodeFrames(["two"]), 0);
  box.look(25_000);
  box.look(25_001);

  assertEquals(early.status, 409);
  assertEquals([(await first).status, (await again).status], [503, 503]);
  const second = box.offer(0, encodeFrames(["one"]), 30_000);
  assertEquals((await box.read())?.length, 9);
  assertEquals((await second).status, 204);
  assertEquals((await box.offer(0, bytes("any"), 0)).status, 204);
  box.end({ status: 410 });
  assertEquals(await box.read(), null);
});

Deno.test("PostBox tells who posts to a stream that is being closed, at once or soon", async () => {
  let isOpen = true;
  const box = new PostBox(() => isOpen, new HeldPosts());
  const read = box.read();
  const posted = box.offer(0, encodeFrames(["bad"]), 0);
  isOpen = false;
  await read;
  const late = await box.offer(1, encodeFrames(["more"]), 0);
  box.look(1);

  assertEquals([(await posted).status, late.status], [410, 409]);
});

Deno.test("PostBox keeps no more than there is room for, of all streams together", async () => {
  const held = new HeldPosts(20);
  const [one, two, three] = [1, 2, 3].map(() => new PostBox(() => true, held));
  const post = (box?: PostBox, time = 0) =>
    box?.offer(0, encodeFrames(["one"]), time);
  const kept = [post(one), post(two)];

  assertEquals((await post(three))?.status, 503);
  // One that is read needs no room.
  const read = three?.read();
  assertEquals((await post(three))?.status, 204);
  assertEquals((await read)?.length, 9);

  two?.end({ status: 410 });
  assertEquals((await kept[1])?.status, 410);
  const other = new PostBox(() => true, held);
  const instead = post(other);
  assertEquals((await one?.read())?.length, 9);
  assertEquals((await kept[0])?.status, 204);
  assertEquals((await other.read())?.length, 9);
  assertEquals((await instead)?.status, 204);
  assertEquals(held.keep(20), true);
});
