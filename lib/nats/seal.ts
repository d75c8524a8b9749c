/**
 * Seals of what is said between cells. Whoever may publish on a subject could say
 * anything: only what was sealed with a key that this side knows is believed.
 *
 * | offset | size | field                                              |
 * | -----: | ---: | -------------------------------------------------- |
 * |      0 |    1 | version, 1                                         |
 * |      1 |    1 | kind, of {@linkcode Kind}                          |
 * |      2 |      | body                                               |
 * |   end  |   16 | seal: the first half of an HMAC with SHA-256       |
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The only version there is. */
const VERSION = 1;

/** What every seal covers first, so that none passes for a proof of another kind. */
const LABEL = "gatewayworker cells 1\0";

/** Bytes before the body. */
export const SEAL_HEADER = 2;

/** Bytes after it. */
export const SEAL_LENGTH = 16;

/** What a message is. Numbers are wire format: never reuse one. */
export const Kind = {
  /** A bridge is there. */
  Heartbeat: 1,
  /** Frames from one cell to another. */
  Data: 2,
  /** They have come. */
  Ack: 3,
  /** Frames of a program. */
  Push: 16,
  /** What became of them. */
  PushAnswer: 17,
} as const;

/** One of the numbers in {@linkcode Kind}. */
export type Kind = typeof Kind[keyof typeof Kind];

/** What a message says, if its seal is right. */
export interface Unsealed {
  /** What it is; may be a number that is none of {@linkcode Kind}. */
  readonly kind: number;
  /** Lies in the message. */
  readonly body: Uint8Array;
  /** The key that it was sealed with: who knows it believes an answer of the same. */
  readonly key: string;
}

/**
 * Seals a message.
 *
 * @param key One that the other side knows.
 * @param subject Where it is published: on another one the seal is wrong.
 * @param kind What it is.
 * @param parts Its body, in pieces.
 */
export function seal(
  key: string,
  subject: string,
  kind: Kind,
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const message = new Uint8Array(SEAL_HEADER + length + SEAL_LENGTH);
  message[0] = VERSION;
  message[1] = kind;
  let at = SEAL_HEADER;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  message.set(sealOf(key, subject, message.subarray(0, at)), at);
  return message;
}

/**
 * Opens a message.
 *
 * @param keys Those of this side, any of which will do.
 * @param subject Where it came.
 * @param message All of it; not kept, but the body lies in it.
 * @returns What it says; `undefined` if no key fits, or it is none.
 */
export function unseal(
  keys: readonly string[],
  subject: string,
  message: Uint8Array,
): Unsealed | undefined {
  const end = message.length - SEAL_LENGTH;
  if (end < SEAL_HEADER || message[0] !== VERSION) return undefined;
  const [said, given] = [message.subarray(0, end), message.subarray(end)];
  const key = keys.find((each) =>
    timingSafeEqual(sealOf(each, subject, said), given)
  );
  if (key === undefined) return undefined;
  return { kind: message[1] ?? 0, body: said.subarray(SEAL_HEADER), key };
}

function sealOf(key: string, subject: string, said: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(`${LABEL}${subject}\0`).update(said)
    .digest().subarray(0, SEAL_LENGTH);
}
