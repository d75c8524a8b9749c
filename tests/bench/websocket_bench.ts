/**
 * What every byte from and to a WebSocket client goes through: unmasking, the check
 * that text is UTF-8, frames in, frames out. The baselines are the obvious ways.
 *
 *     deno bench -A tests/bench/websocket_bench.ts
 *
 * @module
 */
import { UTF8_ACCEPT, validateUtf8 } from "../../lib/transport/utf8.ts";
import {
  type FrameListener,
  WebSocketDecoder,
} from "../../lib/transport/websocket/frames/websocket_decoder.ts";
import {
  encodeFrame,
  Opcode,
} from "../../lib/transport/websocket/frames/websocket_frame.ts";
import { unmask } from "../../lib/transport/websocket/frames/websocket_mask.ts";
import { encodeMasked, MASK } from "./load/client_frames.ts";

/** Messages of one read. */
const BATCH = 50;

/** What a bench found, so that no result is dead code. */
let seen = 0;

for (const size of [16, 64, 1_024, 65_536]) {
  const buffer = new Uint8Array(4 + size);
  buffer.set(MASK);
  const group = `unmask ${size} B`;

  Deno.bench({
    name: "byte by byte",
    group,
    baseline: true,
    fn() {
      for (let i = 0; i < size; i++) {
        buffer[4 + i] = (buffer[4 + i] ?? 0) ^ (buffer[i & 3] ?? 0);
      }
    },
  });

  Deno.bench({
    name: "unmask()",
    group,
    fn: () => void (seen += unmask(buffer, 4, 4 + size, 0, 0)),
  });
}

const strict = new TextDecoder("utf-8", { fatal: true });

for (const size of [16, 64, 4_096]) {
  // Two, three and four bytes a letter.
  const text = new TextEncoder().encode("é語𝄞".repeat(size / 9 + 1));
  const group = `check ${text.length} B of text that is not ASCII`;

  Deno.bench({
    name: "TextDecoder",
    group,
    baseline: true,
    fn: () => void (seen += strict.decode(text).length),
  });

  Deno.bench({
    name: "validateUtf8()",
    group,
    fn: () => void (seen += validateUtf8(UTF8_ACCEPT, text, 0, text.length)),
  });
}

for (const size of [64, 512]) {
  const masked = encodeMasked(new Uint8Array(size).fill(122));
  const stream = new Uint8Array(masked.length * BATCH);
  for (let i = 0; i < BATCH; i++) stream.set(masked, i * masked.length);
  const buffer = new Uint8Array(stream.length);
  const group = `take ${BATCH} messages of ${size} B out of a read`;

  Deno.bench({
    name: "a copy and a text for each message",
    group,
    baseline: true,
    fn() {
      buffer.set(stream);
      for (let at = 0; at < buffer.length; at += masked.length) {
        const start = at + masked.length - size;
        const payload = buffer.slice(start, start + size);
        for (let i = 0; i < size; i++) {
          payload[i] = (payload[i] ?? 0) ^ (MASK[i & 3] ?? 0);
        }
        seen += strict.decode(payload).length;
      }
    },
  });

  const listener: FrameListener = {
    onMessage: (_buffer, start, end) => void (seen += end - start),
    onPing: () => {},
    onPong: () => {},
    onFragment: () => {},
    onPeerClose: () => {},
    onFault: ({ reason }) => {
      throw new TypeError(reason);
    },
  };
  const decoder = new WebSocketDecoder(listener, 1_048_576);
  Deno.bench({
    name: "WebSocketDecoder",
    group,
    fn() {
      // It unmasks in place, so that each round needs the masked bytes again.
      buffer.set(stream);
      decoder.decode(buffer, 0, buffer.length);
    },
  });
}

for (const size of [64, 4_096]) {
  const payload = new Uint8Array(size).fill(122);
  const group = `frame a message of ${size} B for all clients`;

  Deno.bench({
    name: "header and payload joined",
    group,
    baseline: true,
    fn() {
      const header = size < 126
        ? [0x81, size]
        : [0x81, 126, size >> 8, size & 255];
      seen += Uint8Array.from([...header, ...payload]).length;
    },
  });

  Deno.bench({
    name: "encodeFrame()",
    group,
    fn: () => void (seen += encodeFrame(Opcode.Text, payload).length),
  });
}
