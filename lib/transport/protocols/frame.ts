/**
 * Hot: a message has its length before it.
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

/** The length: four bytes, big-endian, which count themselves. */
const HEADER_SIZE = 4;

const CLOSE_TOO_BIG: CloseReason = { code: 1009, reason: "message too big" };
const CLOSE_BAD_LENGTH: CloseReason = {
  code: 1002,
  reason: "impossible length",
};

class LengthDecoder implements StreamDecoder {
  readonly #sink: StreamSink;
  readonly #maxMessage: number;

  wanted = 0;

  constructor(sink: StreamSink, maxMessage: number) {
    this.#sink = sink;
    this.#maxMessage = maxMessage;
  }

  decode(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    this.wanted = 0;
    while (end - at >= HEADER_SIZE) {
      const size = readSize(buffer, at);
      const fault = this.#checkSize(size);
      if (fault !== undefined) {
        this.#sink.onFault(fault);
        return end - start;
      }
      if (end - at < size) {
        this.wanted = size;
        break;
      }
      if (!this.#sink.onMessage(buffer, at + HEADER_SIZE, at + size)) {
        return end - start;
      }
      at += size;
    }
    return at - start;
  }

  #checkSize(size: number): CloseReason | undefined {
    if (size < HEADER_SIZE) return CLOSE_BAD_LENGTH;
    return size - HEADER_SIZE > this.#maxMessage ? CLOSE_TOO_BIG : undefined;
  }
}

/** Frames: a length of four bytes, big-endian, that counts itself, then the message. */
export const frameProtocol: StreamProtocol = {
  codec: {
    encode(payload: Uint8Array): Uint8Array {
      const frame = new Uint8Array(payload.length + HEADER_SIZE);
      frameProtocol.writeFrame(frame, 0, payload, 0, payload.length);
      return frame;
    },
  },
  createDecoder(sink: StreamSink, maxMessage: number): StreamDecoder {
    return new LengthDecoder(sink, maxMessage);
  },
  frameSize(length: number): number {
    return length + HEADER_SIZE;
  },
  writeFrame(
    target: Uint8Array,
    at: number,
    source: Uint8Array,
    start: number,
    end: number,
  ): void {
    const size = end - start + HEADER_SIZE;
    target[at] = size >>> 24;
    target[at + 1] = size >>> 16;
    target[at + 2] = size >>> 8;
    target[at + 3] = size;
    copyBytes(target, at + HEADER_SIZE, source, start, end);
  },
};

function readSize(buffer: Uint8Array, at: number): number {
  return ((buffer[at] as number) << 24 | (buffer[at + 1] as number) << 16 |
    (buffer[at + 2] as number) << 8 | (buffer[at + 3] as number)) >>> 0;
}
