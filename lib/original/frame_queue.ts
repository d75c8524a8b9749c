import { Deque } from "../base/deque.ts";
import { NO_BYTES } from "../base/no_bytes.ts";
import { encodeBody } from "../wire/body.ts";
import { Command } from "../wire/command.ts";
import { encodeFailure } from "../wire/failure.ts";
import { Flag, HEADER_LENGTH, writeHeader } from "../wire/frame.ts";

/** What a frame to a link says. */
export interface FrameFields {
  /** What it means. */
  readonly command: Command;
  /** Bits of `Flag`, but for the one of the head. */
  readonly flags?: number;
  /** The client meant; 0 if none. */
  readonly connectionId?: number;
  /** Number of the client's event, or request id. */
  readonly number?: number;
  /** CBOR before the payload. */
  readonly head?: Uint8Array | undefined;
  /** To the end of the frame. */
  readonly payload?: Uint8Array;
}

/** Frames that wait for a link to read them. */
export class FrameQueue {
  readonly #frames = new Deque<Uint8Array>();
  #at = 0;
  #isOver = false;
  #wake: (() => void) | undefined;

  /** Adds a frame; returns how many bytes it has. */
  push(fields: FrameFields): number {
    const frame = encodeFrame(fields);
    this.#frames.push(frame);
    this.#wake?.();
    return frame.length;
  }

  /** Answers a request; an error is told as one. */
  reply(id: number, value: unknown): void {
    const isError = value instanceof Error;
    const payload = isError ? encodeFailure(value) : encodeBody(value);
    const flags = isError ? Flag.Failed : 0;
    this.push({ command: Command.Reply, number: id, payload, flags });
  }

  /** Nothing more is read. */
  end(): void {
    this.#isOver = true;
    this.#wake?.();
  }

  /** Reads what is there, waiting until something is; `null` at the end. */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#frames.first === undefined) {
      if (this.#isOver) return null;
      await new Promise<void>((resolve) => this.#wake = resolve);
      this.#wake = undefined;
    }
    let filled = 0;
    for (
      let frame = this.#frames.first;
      frame !== undefined && filled < buffer.length;
      frame = this.#frames.first
    ) {
      const part = frame.subarray(this.#at, this.#at + buffer.length - filled);
      buffer.set(part, filled);
      filled += part.length;
      this.#at += part.length;
      if (this.#at < frame.length) break;
      this.#frames.shift();
      this.#at = 0;
    }
    return filled;
  }
}

function encodeFrame(
  {
    command,
    flags = 0,
    connectionId = 0,
    number = 0,
    head,
    payload = NO_BYTES,
  }: FrameFields,
): Uint8Array {
  const headLength = head === undefined ? 0 : 4 + head.length;
  const frame = new Uint8Array(HEADER_LENGTH + headLength + payload.length);
  const view = new DataView(frame.buffer);
  const allFlags = flags | (head === undefined ? 0 : Flag.Head);
  writeHeader(view, 0, frame.length, command, allFlags, connectionId, number);
  if (head !== undefined) {
    view.setUint32(HEADER_LENGTH, head.length);
    frame.set(head, HEADER_LENGTH + 4);
  }
  frame.set(payload, HEADER_LENGTH + headLength);
  return frame;
}
