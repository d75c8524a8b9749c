/**
 * What a client without a WebSocket has posted at another gateway than that of its
 * stream, between the two.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import {
  bytesField,
  decodeMap,
  encodeBody,
  numberField,
  textField,
  toMap,
} from "../body.ts";

/** A post to a stream. */
export interface StrayPostBody {
  /** The stream's token, as it was shown. */
  readonly token: string;
  /** What the client posted before. */
  readonly number: number;
  /** Its body. */
  readonly body: Uint8Array;
}

/** What it is answered. */
export interface StrayPostAnswer {
  /** Status of HTTP. */
  readonly status: number;
  /** The body, as text. */
  readonly body: string;
  /** Seconds after which to come again; 0 if nobody says so. */
  readonly after: number;
}

/** Returns the bytes of a post. */
export function encodeStrayPost(post: StrayPostBody): Uint8Array<ArrayBuffer> {
  return encodeBody(post);
}

/**
 * Reads a post.
 *
 * @throws {ProtocolError} If it is none.
 */
export function decodeStrayPost(bytes: Uint8Array): StrayPostBody {
  const map = decodeMap(bytes);
  const token = textField(map, "token");
  const number = numberField(map, "number");
  const body = bytesField(map, "body");
  if (token === undefined || number === undefined || body === undefined) {
    throw new ProtocolError(
      "Cannot read what was posted: it needs a token, a number and a body",
    );
  }
  return { token, number, body };
}

/**
 * Reads an answer.
 *
 * @throws {ProtocolError} If it is none that HTTP has.
 */
export function readStrayPostAnswer(value: unknown): StrayPostAnswer {
  const map = toMap(value);
  const status = numberField(map, "status") ?? 0;
  const body = textField(map, "body") ?? "";
  const after = numberField(map, "after") ?? 0;
  if (Number.isInteger(status) && status >= 200 && status <= 599) {
    return { status, body, after };
  }
  throw new ProtocolError(`Cannot read an answer of status ${status}`);
}
