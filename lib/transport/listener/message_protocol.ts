import { describe } from "../../base/describe.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { roomLogger } from "../../observe/logger.ts";
import { type ThrownLine, ThrownLog } from "../../observe/thrown_log.ts";
import type { CloseReason } from "../connection.ts";
import type {
  StreamDecoder,
  StreamProtocol,
  StreamSink,
} from "../socket/stream_connection.ts";

const thrown = new ThrownLog(roomLogger("transport"));

const NOT_ENCODED: ThrownLine = {
  kind: "encode",
  text:
    "Cannot encode a message, dropped it: {reason} ({suppressed} like this before)",
  facts: {},
};

const NOT_DECODED: ThrownLine = {
  kind: "decode",
  text:
    "Closed a client whose protocol does not work: {reason} ({suppressed} like this before)",
  facts: {},
};

/** A message that stands at the beginning of a client's bytes. */
export interface DecodedMessage {
  /** The message: a part of the bytes that were given, or others. */
  readonly message: Uint8Array;
  /** How many bytes it took, at least 1. */
  readonly size: number;
}

/**
 * A client protocol of your own: how messages lie in a stream of bytes. One object
 * serves all clients, so it keeps nothing between calls.
 */
export interface MessageProtocol {
  /**
   * Takes one message from the beginning of what a client sent.
   *
   * @param bytes Begins where the last message ended. Valid during the call only.
   * @returns The message, or `undefined` while it is not complete: the same bytes come
   *   again, with more behind them.
   * @throws Whatever it likes if the bytes are not this protocol: the client is closed,
   *   as it is, with a line in the log, if what is returned is no message.
   */
  decode(bytes: Uint8Array): DecodedMessage | undefined;
  /**
   * Turns a message into the bytes that a client gets; no bytes to send nothing. If it
   * throws, or returns anything else, nothing is sent, and a line logged.
   *
   * @param message Not to be changed or kept.
   * @param binary Whether it was sent as bytes, not as text.
   */
  encode(message: Uint8Array, binary: boolean): Uint8Array;
}

const CLOSE_TOO_BIG: CloseReason = { code: 1009, reason: "message too big" };
const CLOSE_BAD: CloseReason = { code: 1002, reason: "protocol error" };

/** Bytes on the wire beyond the largest message that framing may take. */
const MAX_FRAMING = 1_024;

/** Makes a protocol of the user's fit for connections. */
export function streamProtocolOf(protocol: MessageProtocol): StreamProtocol {
  return {
    codec: { encode: (payload, binary) => encode(protocol, payload, binary) },
    createDecoder: (sink, maxMessage) =>
      new MessageDecoder(protocol, sink, maxMessage),
    // Only encoding tells how long a frame is.
    frameSize: () => -1,
    writeFrame: () => {},
  };
}

function encode(
  protocol: MessageProtocol,
  payload: Uint8Array,
  binary: boolean,
): Uint8Array {
  try {
    const bytes: unknown = protocol.encode(payload, binary);
    // A copy, since a frame is kept, and may be the very payload.
    if (bytes instanceof Uint8Array) return new Uint8Array(bytes);
    throw new TypeError(
      `Cannot send what encode() returned as it must be a Uint8Array: found ${
        describe(bytes)
      }`,
    );
  } catch (error) {
    thrown.add(NOT_ENCODED, error);
    return NO_BYTES;
  }
}

class MessageDecoder implements StreamDecoder {
  readonly #protocol: MessageProtocol;
  readonly #sink: StreamSink;
  readonly #maxMessage: number;

  readonly wanted = 0;

  constructor(protocol: MessageProtocol, sink: StreamSink, maxMessage: number) {
    this.#protocol = protocol;
    this.#sink = sink;
    this.#maxMessage = maxMessage;
  }

  decode(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end) {
      const decoded = this.#decodeOne(buffer.subarray(at, end));
      if (decoded === undefined) break;
      const { message, size } = decoded;
      const isTaken = this.#sink.onMessage(message, 0, message.length);
      if (!isTaken) return end - start;
      at += size;
    }
    return at - start;
  }

  /** Ends the connection, and returns nothing, if the bytes are wrong. */
  #decodeOne(bytes: Uint8Array): DecodedMessage | undefined {
    let returned: unknown;
    try {
      returned = this.#protocol.decode(bytes);
    } catch {
      // To throw is how a protocol says that the bytes are none of its own.
      return this.#fail(CLOSE_BAD);
    }
    let decoded: DecodedMessage | undefined;
    try {
      if (returned !== undefined) {
        decoded = checkDecoded(returned, bytes.length);
      }
    } catch (error) {
      thrown.add(NOT_DECODED, error);
      return this.#fail(CLOSE_BAD);
    }
    const length = decoded?.message.length ?? bytes.length - MAX_FRAMING;
    return length > this.#maxMessage ? this.#fail(CLOSE_TOO_BIG) : decoded;
  }

  #fail(reason: CloseReason): undefined {
    this.#sink.onFault(reason);
  }
}

/** Takes what `decode` returned for what it should be; each part is looked at once. */
function checkDecoded(returned: unknown, available: number): DecodedMessage {
  const { message, size } = Object(returned) as Partial<DecodedMessage>;
  if (!(message instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot take what decode() returned as its message must be a Uint8Array: found ${
        describe(message)
      }`,
    );
  }
  const isSize = typeof size === "number" && Number.isInteger(size);
  if (!isSize || size < 1 || size > available) {
    throw new RangeError(
      `Cannot take what decode() returned as its size must be 1 to ${available}, the bytes it was given: found ${
        typeof size === "number" ? size : describe(size)
      }`,
    );
  }
  const { buffer, byteOffset, length } = message;
  return { message: new Uint8Array(buffer, byteOffset, length), size };
}
