import { assertEquals } from "@std/assert";
import {
  encodeMasked,
  MASK,
  maskedHeaderSize,
  Opcode,
  ReplyReader,
} from "../../bench/load/client_frames.ts";
import { encodePayload } from "../../bench/load/payload.ts";

const encoder = new TextEncoder();

/** Frames as a server sends them: without a mask. */
function serverFrame(
  payload: Uint8Array,
  opcode: number = Opcode.Text,
): Uint8Array {
  const masked = encodeMasked(payload, opcode);
  const head = maskedHeaderSize(payload.length) - 4;
  const frame = new Uint8Array(head + payload.length);
  frame.set(masked.subarray(0, head));
  frame[1] = (frame[1] ?? 0) & 127;
  frame.set(payload, head);
  return frame;
}

/** Reads bytes in pieces that end at `cuts`; returns what was told. */
function read(
  bytes: Uint8Array,
  cuts: readonly number[],
  shape: { length: number; lead: number },
): unknown[] {
  const told: unknown[] = [];
  const reader = new ReplyReader(256, shape, {
    onMessage: (sender, sequence) => told.push([sender, sequence]),
    onOther: (opcode, other) =>
      told.push([opcode, new TextDecoder().decode(other)]),
  });
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    while (at < cut) {
      const room = reader.buffer.length - reader.filled;
      const piece = bytes.subarray(at, Math.min(cut, at + room));
      reader.buffer.set(piece, reader.filled);
      reader.push(piece.length);
      at += piece.length;
    }
  }
  return told;
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

const STREAM = concat(
  serverFrame(encodePayload(7, 7, 64)),
  serverFrame(encoder.encode("hi"), Opcode.Ping),
  serverFrame(encodePayload(65_535, 7, 64)),
);
const SHAPE = { length: 64, lead: 0 };
const TOLD = [[7, 0], [Opcode.Ping, "hi"], [65_535, 0]];

Deno.test("ReplyReader.push() tells every message, whole or one byte at a time", () => {
  assertEquals(read(STREAM, [], SHAPE), TOLD);
  assertEquals(read(STREAM, Array.from(STREAM, (_, i) => i), SHAPE), TOLD);
});

Deno.test("ReplyReader.push() tells every message wherever the stream is cut", () => {
  for (let cut = 1; cut < STREAM.length; cut++) {
    assertEquals(read(STREAM, [cut], SHAPE), TOLD, `cut at ${cut}`);
  }
});

Deno.test("ReplyReader.push() steps over messages longer than its buffer", () => {
  for (const length of [126, 1_000, 65_536, 200_000]) {
    const frame = serverFrame(encodePayload(3, 0, length));

    assertEquals(read(concat(frame, frame), [], { length, lead: 0 }), [[3, 0], [
      3,
      0,
    ]]);
  }
});

Deno.test("ReplyReader.push() reports a message of another length as unreadable", () => {
  const frame = serverFrame(encodePayload(3, 0, 500));

  assertEquals(read(frame, [], SHAPE), [[-1, -1]]);
});

Deno.test("ReplyReader.push() looks behind what the dialect puts in front", () => {
  const text = concat(
    encoder.encode('42["m","'),
    encodePayload(9, 0, 64),
    encoder.encode('"]'),
  );

  assertEquals(read(serverFrame(text), [], { length: 74, lead: 8 }), [[9, 0]]);
});

Deno.test("encodeMasked() writes what RFC 6455 asks of a client, for every length form", () => {
  for (const length of [0, 125, 126, 65_535, 65_536]) {
    const payload = new Uint8Array(length).fill(88);

    const frame = encodeMasked(payload);

    const head = maskedHeaderSize(length);
    assertEquals(frame[0], 0x81);
    assertEquals((frame[1] ?? 0) & 0x80, 0x80);
    assertEquals([...frame.subarray(head - 4, head)], [...MASK]);
    assertEquals(
      frame.subarray(head).map((byte, i) => byte ^ (MASK[i & 3] ?? 0)),
      payload,
    );
  }
});
