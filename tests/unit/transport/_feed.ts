import { assertEquals } from "@std/assert";
import type { CloseReason } from "../../../lib/transport/connection.ts";
import {
  type FrameListener,
  WebSocketDecoder,
} from "../../../lib/transport/websocket/frames/websocket_decoder.ts";

/** Writes text as bytes. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Reads bytes as text. */
export function text(source: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(source);
}

/** Puts pieces one after another. */
export function concat(...pieces: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** How a client's frame differs from an ordinary one. */
export interface ClientFrameOptions {
  /** Whether it is the last of its message; it is if left out. */
  fin?: boolean;
  /** The three reserved bits. */
  reserved?: number;
  /** The masking key; `null` leaves the frame unmasked. */
  key?: readonly number[] | null;
  /** The length that the header announces. */
  announced?: number;
  /** Bytes of the length field: 0 is the short form, then 2 and 8. */
  form?: 0 | 2 | 8;
}

/** A frame as a client sends it, well formed or not. */
export function clientFrame(
  opcode: number,
  payload: Uint8Array | string,
  options: ClientFrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const body = typeof payload === "string" ? bytes(payload) : payload.slice();
  const { fin = true, reserved = 0, key = [0x37, 0xfa, 0x21, 0x3d] } = options;
  const length = options.announced ?? body.length;
  const form = options.form ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8);
  const mark = form === 0 ? length : form === 2 ? 126 : 127;
  const first = (fin ? 0x80 : 0) | reserved << 4 | opcode;
  const extended = new Uint8Array(form);
  for (let i = 0; i < form; i++) {
    extended[i] = Math.floor(length / 256 ** (form - 1 - i)) % 256;
  }
  if (key !== null) {
    body.forEach((byte, i) => body[i] = byte ^ (key[i & 3] ?? 0));
  }
  return concat(
    Uint8Array.of(first, (key === null ? 0 : 0x80) | mark),
    extended,
    Uint8Array.from(key ?? []),
    body,
  );
}

/** Writes down what a decoder says, one line each. */
export class FrameLog implements FrameListener {
  readonly lines: string[] = [];

  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    const payload = buffer.slice(start, end);
    this.lines.push(binary ? `binary ${payload}` : `text ${text(payload)}`);
  }

  onFragment(): void {
    // What it is a part of comes at its end.
  }

  onPing(buffer: Uint8Array, start: number, end: number): void {
    this.lines.push(`ping ${text(buffer.slice(start, end))}`);
  }

  onPong(): void {
    this.lines.push("pong");
  }

  onPeerClose({ code, reason }: CloseReason): void {
    this.lines.push(`close ${code} ${reason}`);
  }

  onFault({ code }: CloseReason): void {
    this.lines.push(`fault ${code}`);
  }
}

/** All that {@linkcode feed} needs of a decoder. */
export interface Decoder {
  /** Takes whole messages; returns the bytes taken. */
  decode(buffer: Uint8Array, start: number, end: number): number;
}

/** Feeds pieces to a decoder as a socket does: what was not taken comes again. */
export function feed(decoder: Decoder, pieces: Iterable<Uint8Array>): void {
  let rest = new Uint8Array(0);
  for (const piece of pieces) {
    // Odd surroundings, so that a decoder cannot count on offset 0 or on alignment.
    const buffer = concat(
      Uint8Array.of(1, 2, 3),
      rest,
      piece,
      Uint8Array.of(9),
    );
    const end = buffer.length - 1;
    const taken = decoder.decode(buffer, 3, end);
    rest = buffer.slice(3 + taken, end);
  }
}

/** Cuts bytes into pieces of one size. */
export function* chunked(
  source: Uint8Array,
  size: number,
): Generator<Uint8Array> {
  for (let at = 0; at < source.length; at += size) {
    yield source.slice(at, at + size);
  }
}

/**
 * Feeds bytes whole, one at a time, and cut in two at every position, and asserts that
 * all say the same.
 *
 * @param source The bytes of a client.
 * @param decode Feeds a fresh decoder with pieces; returns what it said.
 * @returns What it said.
 */
export function fedEveryWay(
  source: Uint8Array,
  decode: (pieces: Iterable<Uint8Array>) => string[],
): string[] {
  const whole = decode([source]);
  assertEquals(decode(chunked(source, 1)), whole, "one byte at a time");
  for (let cut = 1; cut < source.length; cut++) {
    const pieces = [source.slice(0, cut), source.slice(cut)];
    assertEquals(decode(pieces), whole, `cut at ${cut}`);
  }
  return whole;
}

/** Decodes WebSocket frames in every way; returns what they said. */
export function framesSay(source: Uint8Array, maxMessage = 1_000): string[] {
  return fedEveryWay(source, (pieces) => {
    const log = new FrameLog();
    feed(new WebSocketDecoder(log, maxMessage), pieces);
    return log.lines;
  });
}
