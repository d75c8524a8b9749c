/**
 * Frames of a link: what a gateway and a worker do for every event, without I/O. The
 * baselines do the same with objects of their own for every frame.
 *
 *     deno bench -A tests/bench/link_frame_bench.ts
 *
 * @module
 */
import { Command } from "../../lib/wire/command.ts";
import {
  FrameDecoder,
  type FrameHeader,
  HEADER_LENGTH,
} from "../../lib/wire/frame.ts";
import { FrameLog } from "../../lib/wire/frame_log.ts";

/** Events of one write; fewer than fill a segment. */
const BATCH = 100;

/** What a bench found, so that no result is dead code. */
let seen = 0;

for (const size of [64, 512]) {
  const payload = new Uint8Array(size).fill(122);
  const group = `append, write and acknowledge ${BATCH} events of ${size} B`;

  Deno.bench({
    name: "an array for each frame",
    group,
    baseline: true,
    fn() {
      const kept: Uint8Array[] = [];
      for (let i = 0; i < BATCH; i++) kept.push(frameOf(payload));
      seen += concat(kept).length;
    },
  });

  const log = new FrameLog();
  Deno.bench({
    name: "FrameLog",
    group,
    fn() {
      for (let i = 0; i < BATCH; i++) {
        log.appendMessage(Command.Message, 0, 7, i, payload, 0, size);
      }
      const bytes = log.startWrite();
      log.endWrite(bytes?.length ?? 0);
      log.acknowledge(log.lastEvent);
    },
  });
}

for (const size of [64, 512]) {
  const frame = frameOf(new Uint8Array(size).fill(122));
  const stream = concat(Array.from({ length: BATCH }, () => frame));
  const view = new DataView(stream.buffer);
  const group = `find ${BATCH} frames of ${size} B in a read`;

  Deno.bench({
    name: "an object and a view for each frame",
    group,
    baseline: true,
    fn() {
      for (const { connectionId, payload } of framesIn(stream)) {
        seen += connectionId + payload.length;
      }
    },
  });

  const decoder = new FrameDecoder({
    onFrame({ connectionId }: FrameHeader, _buffer, start, end) {
      seen += connectionId + end - start;
    },
  });
  Deno.bench({
    name: "FrameDecoder",
    group,
    fn: () => void decoder.push(stream, view, 0, stream.length),
  });
}

function frameOf(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER_LENGTH + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length);
  view.setUint8(4, Command.Message);
  view.setUint32(8, 7);
  frame.set(payload, HEADER_LENGTH);
  return frame;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = parts.reduce((total, part) => total + part.length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function* framesIn(stream: Uint8Array) {
  for (let at = 0; at < stream.length;) {
    const view = new DataView(stream.buffer, at);
    const end = at + view.getUint32(0);
    const payload = stream.subarray(at + HEADER_LENGTH, end);
    yield { connectionId: view.getUint32(8), payload };
    at = end;
  }
}
