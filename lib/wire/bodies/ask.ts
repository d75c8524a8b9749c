/**
 * What is asked of clients, and what they answer: written by the cluster API and the
 * gateway, read by the other.
 *
 * @module
 */
import {
  bytesField,
  decodeMap,
  encodeBody,
  numberField,
  numberListField,
  textField,
  toMap,
} from "../body.ts";
import { decodeTarget, type Target } from "./target.ts";

/** The head of a question. */
export interface AskHead extends Target {
  /** Milliseconds that clients have to answer. */
  readonly timeout: number;
}

/** What one client answered. */
export interface AskRow {
  /** The client. */
  readonly client: number;
  /** Why not, if it did not. */
  readonly code?: string | undefined;
  /** What it said: JSON, or bytes. */
  readonly data: Uint8Array;
  /** Whether that is bytes. */
  readonly binary: boolean;
}

/** One part of what clients answered: a row, or, the last, who did not. */
export type AskPart = AskRow | { readonly missing: readonly number[] };

/** Encodes the head of a question. */
export function encodeAskHead(head: AskHead): Uint8Array {
  return encodeBody(head);
}

/**
 * Decodes the head of a question.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeAskHead(bytes: Uint8Array): AskHead {
  const timeout = numberField(decodeMap(bytes), "timeout") ?? 0;
  return { ...decodeTarget(bytes), timeout };
}

/** Encodes one part of what clients answered. */
export function encodeAskPart(part: AskPart): Uint8Array {
  return encodeBody(part);
}

/**
 * Reads one part of what clients answered.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readAskPart(value: unknown): AskPart {
  const body = toMap(value);
  const client = numberField(body, "client");
  if (client === undefined) {
    return { missing: numberListField(body, "missing") };
  }
  const data = bytesField(body, "data") ?? new Uint8Array();
  const binary = body["binary"] === true;
  return { client, code: textField(body, "code"), data, binary };
}
