/**
 * Hot: a message is a line.
 *
 * @module
 */
import type { CloseReason } from "../connection.ts";
import { copyBytes } from "../outgoing/chunk_queue.ts";
import type {
  StreamDecoder,
  StreamProtocol,
  StreamSink,
} from "../socket/stream_connection.ts";

const LF = 10;
const CR = 13;

const CLOSE_TOO_LONG: CloseReason = { code: 1009, reason: "line too long" };

class LineDecoder implements StreamDecoder {
  readonly #sink: StreamSink;
  readonly #maxMessage: number;
  /** Bytes of the unfinished line that are known to hold no line feed. */
  #searched = 0;

  readonly wanted = 0;

  constructor(sink: StreamSink, maxMessage: number) {
    this.#sink = sink;
    this.#maxMessage = maxMessage;
  }

  decode(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    while (true) {
      const lineEnd = indexOfLineFeed(buffer, at + this.#searched, end);
      if (lineEnd < 0) break;
      this.#searched = 0;
      const hasReturn = lineEnd > at && buffer[lineEnd - 1] === CR;
      const textEnd = hasReturn ? lineEnd - 1 : lineEnd;
      if (textEnd - at > this.#maxMessage) return this.#fail(start, end);
      if (!this.#sink.onMessage(buffer, at, textEnd)) return end - start;
      at = lineEnd + 1;
    }
    this.#searched = end - at;
    // The last byte may be the CR of a line that is just short enough.
    if (end - at > this.#maxMessage + 1) return this.#fail(start, end);
    return at - start;
  }

  #fail(start: number, end: number): number {
    this.#sink.onFault(CLOSE_TOO_LONG);
    return end - start;
  }
}

/** Lines: each ends with `\n`, and a `\r` before it is not part of the message. */
export const textProtocol: StreamProtocol = {
  codec: {
    encode(payload: Uint8Array): Uint8Array {
      const frame = new Uint8Array(payload.length + 1);
      textProtocol.writeFrame(frame, 0, payload, 0, payload.length);
      return frame;
    },
  },
  createDecoder(sink: StreamSink, maxMessage: number): StreamDecoder {
    return new LineDecoder(sink, maxMessage);
  },
  frameSize(length: number): number {
    return length + 1;
  },
  writeFrame(
    target: Uint8Array,
    at: number,
    source: Uint8Array,
    start: number,
    end: number,
  ): void {
    copyBytes(target, at, source, start, end);
    target[at + end - start] = LF;
  },
};

/** Looks between two places only: `indexOf` would search the whole buffer. */
function indexOfLineFeed(
  buffer: Uint8Array,
  start: number,
  end: number,
): number {
  for (let i = start; i < end; i++) if (buffer[i] === LF) return i;
  return -1;
}
