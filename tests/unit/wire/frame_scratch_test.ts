import { assertEquals } from "@std/assert";
import { FrameCapture } from "../../../lib/wire/frame_capture.ts";
import { FrameScratch } from "../../../lib/wire/frame_scratch.ts";

const MESSAGES = [
  "",
  "short",
  "ünï¢ödé ☂ 𝄞",
  "x".repeat(5_000),
  "☂".repeat(400_000),
  "short again",
  new Uint8Array(3).fill(7),
];

Deno.test("FrameScratch takes the same frames as FrameCapture, one in the place of another", () => {
  const [scratch, capture] = [new FrameScratch(), new FrameCapture()];
  for (const head of [new Uint8Array(0), new Uint8Array(9).fill(1)]) {
    for (const message of MESSAGES) {
      scratch.sendMessage(14, 5, 6, message, 1, head);
      capture.sendMessage(14, 5, 6, message, 1, head);

      const { bytes, length } = scratch;
      assertEquals(length, capture.take().length);
      assertEquals(bytes.subarray(0, length), capture.take());
    }
  }
});
