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
  textListField,
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

/**
 * Why a client did not answer: it is not there, or does not speak `gatewayworker.v1`; it
 * was too late; too much waited on the link; or others had answered.
 */
export type MissingReason =
  | "gone"
  | "plain"
  | "timeout"
  | "full"
  | "called-off";

/** Who did not answer, and, beside each, why. */
export interface AskRest {
  readonly missing: readonly number[];
  /** Gateways of before do not say it. */
  readonly reasons: readonly string[];
}

/** One part of what clients answered: a row, or, the last, who did not. */
export type AskPart = AskRow | AskRest;

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

/** Encodes which question is to end: the number of its request. */
export function encodeEndAsk(ask: number): Uint8Array {
  return encodeBody({ ask });
}

/**
 * Decodes which question is to end.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeEndAsk(bytes: Uint8Array): number {
  return numberField(decodeMap(bytes), "ask") ?? 0;
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
    return {
      missing: numberListField(body, "missing"),
      reasons: textListField(body, "reasons"),
    };
  }
  const data = bytesField(body, "data") ?? new Uint8Array();
  const binary = body["binary"] === true;
  return { client, code: textField(body, "code"), data, binary };
}
