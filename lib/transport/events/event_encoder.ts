import { Buffer } from "node:buffer";
import { joined } from "../../base/joined.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { CloseReason } from "../connection.ts";
import {
  CLOSE_NO_STATUS,
  decodeFrame,
  Opcode,
} from "../websocket/frames/websocket_frame.ts";

const LF = 10;
const CR = 13;

/** Most bytes before the payload of a frame (RFC 6455, section 5.2). */
const MAX_HEADER = 10;

const encoder = new TextEncoder();

const DATA = encoder.encode("data: ");
const END = encoder.encode("\n\n");

/** A comment, which keeps proxies from giving up: nobody is told of it. */
export const HEARTBEAT: Uint8Array = encoder.encode(":\n\n");

/**
 * Returns one event.
 *
 * @param name What it is.
 * @param data One line.
 */
export function encodeEvent(name: string, data: string): Uint8Array {
  return encoder.encode(`event: ${name}\ndata: ${data}\n\n`);
}

/** Returns a comment of so many bytes, for proxies that hold back the first ones. */
export function encodePadding(size: number): Uint8Array {
  return encoder.encode(`:${" ".repeat(size)}\n\n`);
}

/**
 * Turns the frames that a WebSocket client would be sent into server-sent events (HTML,
 * section 9.2.6). Pure: no I/O.
 */
export class EventEncoder {
  /** The beginning of a frame. */
  #parts: Uint8Array[] = [];
  #length = 0;
  /** Bytes of the whole frame, as far as they are known to be needed. */
  #needed = 2;

  /** What the client was told at last, once it was. */
  close: CloseReason | undefined;

  /**
   * Takes bytes, which may end anywhere.
   *
   * @param bytes Not kept.
   * @returns The events of all frames that are whole by now.
   */
  encode(bytes: Uint8Array): Uint8Array {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    if (this.#length < this.#needed) {
      // What was given is the caller's, and may change.
      this.#parts[this.#parts.length - 1] = bytes.slice();
      return new Uint8Array();
    }
    const whole = joined(this.#parts);
    const events: Uint8Array[] = [];
    let at = 0;
    let size = sizeOf(whole, at);
    while (size <= whole.length - at) {
      events.push(this.#encodeFrame(whole.subarray(at, at + size)));
      at += size;
      size = sizeOf(whole, at);
    }
    // A view would keep all of it for as long as nothing more is said.
    this.#parts = at === whole.length ? [] : [whole.slice(at)];
    this.#length = whole.length - at;
    this.#needed = size;
    return joined(events);
  }

  #encodeFrame(frame: Uint8Array): Uint8Array {
    const { payload } = decodeFrame(frame);
    switch ((frame[0] as number) & 0x0f) {
      case Opcode.Text:
        // A carriage return would end a line, and come back as a line feed.
        return payload.includes(CR)
          ? encodeEvent("t", base64(payload))
          : encodeText(payload);
      case Opcode.Binary:
        return encodeEvent("b", base64(payload));
      case Opcode.Ping:
        return HEARTBEAT;
      case Opcode.Close: {
        const { code, reason } = this.close = readClose(payload);
        return encodeEvent("close", `${code} ${reason}`);
      }
      default:
        return NO_BYTES;
    }
  }
}

/** Bytes of the frame that begins here; as many as tell, if that cannot be told yet. */
function sizeOf(bytes: Uint8Array, at: number): number {
  const length = (bytes[at + 1] ?? 0) & 0x7f;
  const header = length === 127 ? MAX_HEADER : length === 126 ? 4 : 2;
  if (length < 126 || bytes.length - at < header) return header + length % 126;
  let size = 0;
  for (let i = 2; i < header; i++) {
    size = size * 256 + (bytes[at + i] as number);
  }
  return header + size;
}

function encodeText(text: Uint8Array): Uint8Array {
  const lines = linesIn(text);
  const event = new Uint8Array(
    text.length + lines * DATA.length + END.length,
  );
  let to = 0;
  const put = (bytes: Uint8Array) => {
    event.set(bytes, to);
    to += bytes.length;
  };
  let start = 0;
  for (let at = text.indexOf(LF); at >= 0; at = text.indexOf(LF, start)) {
    put(DATA);
    put(text.subarray(start, at + 1));
    start = at + 1;
  }
  put(DATA);
  put(text.subarray(start));
  put(END);
  return event;
}

function linesIn(text: Uint8Array): number {
  let lines = 1;
  for (let at = text.indexOf(LF); at >= 0; at = text.indexOf(LF, at + 1)) {
    lines++;
  }
  return lines;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString("base64");
}

function readClose(payload: Uint8Array): CloseReason {
  if (payload.length < 2) return CLOSE_NO_STATUS;
  const code = (payload[0] as number) * 256 + (payload[1] as number);
  const reason = new TextDecoder().decode(payload.subarray(2));
  return { code, reason: reason.replaceAll(/[\r\n]/g, " ") };
}
