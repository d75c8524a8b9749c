/**
 * What a worker tells a bridge beside the command that is to cross: to which cells it
 * goes, and what comes back.
 *
 * @module
 */
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberField,
  textField,
  textListField,
  toMap,
} from "../body.ts";

/** Where a command goes. */
export interface Crossing {
  /** One cell; all others if absent. */
  readonly cell?: string | undefined;
  /** One gateway of it: what its clients' ids begin with; all if absent. */
  readonly gateway?: string | undefined;
  /** What it is about, as interest has it: cells where nobody has these are left out. */
  readonly names?: readonly string[] | undefined;
  /** Milliseconds that an answer may take, if more than for others. */
  readonly timeout?: number | undefined;
}

/** Encodes a crossing as the head of a frame. */
export function encodeCrossing(crossing: Crossing): Uint8Array {
  return encodeBody(crossing);
}

/**
 * Reads a crossing.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeCrossing(bytes: Uint8Array): Crossing {
  const body = decodeMap(bytes);
  return {
    cell: textField(body, "cell"),
    gateway: textField(body, "gateway"),
    names: textListField(body, "names"),
    timeout: numberField(body, "timeout"),
  };
}

/** A part of what another cell answers. */
export type CellPart =
  /** What one of its gateways said. */
  | {
    /** The cell. */
    readonly cell: string;
    /** What the ids of that gateway's clients begin with. */
    readonly gateway: string;
    /** What it said. */
    readonly part: unknown;
  }
  /** The end: who did not answer. */
  | { readonly silent: readonly string[] };

/** Encodes a part. */
export function encodeCellPart(part: CellPart): Uint8Array {
  return encodeBody(part);
}

/**
 * Reads a part.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readCellPart(value: unknown): CellPart {
  const body: BodyMap = toMap(value);
  if ("silent" in body) return { silent: textListField(body, "silent") };
  return {
    cell: textField(body, "cell") ?? "",
    gateway: textField(body, "gateway") ?? "",
    part: body["part"],
  };
}
