/**
 * Hot: bytes as they come.
 *
 * @module
 */
import { copyBytes } from "../outgoing/chunk_queue.ts";
import type {
  StreamDecoder,
  StreamProtocol,
  StreamSink,
} from "../socket/stream_connection.ts";

class ChunkDecoder implements StreamDecoder {
  readonly #sink: StreamSink;

  readonly wanted = 0;

  constructor(sink: StreamSink) {
    this.#sink = sink;
  }

  decode(buffer: Uint8Array, start: number, end: number): number {
    this.#sink.onMessage(buffer, start, end);
    return end - start;
  }
}

/** No framing: what one read brings is a message, and an empty one writes nothing. */
export const tcpProtocol: StreamProtocol = {
  codec: {
    encode(payload: Uint8Array): Uint8Array {
      return payload.slice();
    },
  },
  createDecoder(sink: StreamSink): StreamDecoder {
    return new ChunkDecoder(sink);
  },
  frameSize(length: number): number {
    return length;
  },
  writeFrame: copyBytes,
};
