import { Inflater } from "../../lib/transport/websocket/deflate/zlib_stream.ts";
import { inflateWhole } from "../unit/transport/_inflate.ts";
import { describe } from "./case.ts";

/** Most bytes of a message that these cases make the server send. */
const MAX_MESSAGE = 20_000_000;

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const NAMES = new Map([[TEXT, "text"], [BINARY, "binary"]]);
const CONTROL_NAMES = new Map([[CLOSE, "close"], [9, "ping"], [10, "pong"]]);

/** A frame header, and where its payload is. */
interface Header {
  readonly fin: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly start: number;
  readonly end: number;
}

/** Reads what a server sends, as strictly as a client must. */
export class ServerFrames implements Disposable {
  readonly #inflater = new Inflater();
  readonly #isCompressing: boolean;
  readonly #keepsContext: boolean;
  #rest = new Uint8Array(0);
  #message:
    | { opcode: number; compressed: boolean; parts: Uint8Array[] }
    | undefined;

  /**
   * @param answer The head of the server's answer.
   */
  constructor(answer: string) {
    this.#isCompressing = answer.includes("permessage-deflate");
    this.#keepsContext = !answer.includes("server_no_context_takeover");
  }

  /** Takes bytes; returns the descriptions of what is complete. */
  push(bytes: Uint8Array): string[] {
    const joined = new Uint8Array(this.#rest.length + bytes.length);
    joined.set(this.#rest);
    joined.set(bytes, this.#rest.length);
    this.#rest = joined;
    const said: string[] = [];
    let at = 0;
    while (true) {
      const header = readHeader(joined, at);
      if (header === undefined || header.end > joined.length) break;
      const line = this.#take(header, joined.slice(header.start, header.end));
      if (line !== undefined) said.push(line);
      at = header.end;
    }
    this.#rest = joined.slice(at);
    return said;
  }

  [Symbol.dispose](): void {
    this.#inflater.close();
  }

  #take(header: Header, payload: Uint8Array): string | undefined {
    const { opcode, fin, reserved } = header;
    const control = CONTROL_NAMES.get(opcode);
    if (control !== undefined) {
      if (!fin || reserved !== 0 || payload.length > 125) {
        return "a broken control frame";
      }
      return opcode === CLOSE ? closeOf(payload) : describe(control, payload);
    }
    const wrong = this.#begin(opcode, reserved);
    if (wrong !== undefined) return wrong;
    this.#message?.parts.push(payload);
    return fin ? this.#finish() : undefined;
  }

  #begin(opcode: number, reserved: number): string | undefined {
    if (opcode === CONTINUATION) {
      return this.#message === undefined || reserved !== 0
        ? "a broken continuation"
        : undefined;
    }
    const compressed = reserved === 4 && this.#isCompressing;
    const isFine = NAMES.has(opcode) && this.#message === undefined &&
      (reserved === 0 || compressed);
    if (!isFine) return `a broken frame of opcode ${opcode}`;
    this.#message = { opcode, compressed, parts: [] };
    return undefined;
  }

  #finish(): string {
    const { opcode = 0, compressed = false, parts = [] } = this.#message ?? {};
    this.#message = undefined;
    const payload = new Uint8Array(parts.flatMap((part) => [...part]));
    const name = NAMES.get(opcode) ?? "";
    if (!compressed) return describe(name, payload);
    if (!this.#keepsContext) this.#inflater.reset();
    const message = inflateWhole(this.#inflater, payload, MAX_MESSAGE);
    return message instanceof Uint8Array
      ? `deflated ${describe(name, message)}`
      : `broken: ${message}`;
  }
}

function closeOf(payload: Uint8Array): string {
  const [high = 0, low = 0] = payload;
  return payload.length === 0 ? "close" : `close ${high << 8 | low}`;
}

function readHeader(bytes: Uint8Array, at: number): Header | undefined {
  const [first = 0, second = 0] = bytes.subarray(at, at + 2);
  if (bytes.length - at < 2) return undefined;
  const form = second & 127;
  const size = form < 126 ? 2 : form === 126 ? 4 : 10;
  if (bytes.length - at < size) return undefined;
  let length = form < 126 ? form : 0;
  for (let i = 2; i < size; i++) length = length * 256 + (bytes[at + i] ?? 0);
  const isMinimal = size === 2 || length >= (size === 4 ? 126 : 65_536);
  const isMasked = (second & 128) !== 0;
  return {
    fin: (first & 128) !== 0,
    reserved: first >> 4 & 7,
    // What no server may send becomes an opcode that there is not.
    opcode: isMinimal && !isMasked ? first & 15 : 15,
    start: at + size,
    end: at + size + length,
  };
}
