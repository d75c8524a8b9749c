import { ProtocolError } from "../../base/errors.ts";
import { type BodyMap, decodeMap, encodeBody, textField } from "../body.ts";
import { formatLabels, type Labels, readLabels } from "./labels.ts";

/** Most bytes of the id of a notice. */
const MAX_ID = 64;

/** Most workers that are named at a time. */
export const MAX_NAMED = 10_000;

/** A message for workers, as whoever sends it tells a gateway. */
export interface NoticeOrder {
  /** Stays the same when it is sent again: each worker takes it once. */
  readonly id: string;
  /** What the workers are told apart by. */
  readonly labels: Labels;
  /** Instances of the workers that are to get it. */
  readonly to: readonly string[];
}

/** What becomes of it. */
export interface NoticeOutcome {
  /** Instances of workers that have it. */
  readonly taken: readonly string[];
  /** Instances of workers that do not. */
  readonly missed: readonly string[];
}

/** The same message, as a gateway tells a worker. */
export interface NoticeHead {
  /** See {@linkcode NoticeOrder}. */
  readonly id: string;
  /** See {@linkcode NoticeOrder}. */
  readonly labels: Labels;
  /** Name of whoever sent it. */
  readonly from: string;
  /** Instance of whoever sent it. */
  readonly sender: string;
}

/** Encodes an order. */
export function encodeOrder(order: NoticeOrder): Uint8Array {
  return encodeBody(order);
}

/**
 * Decodes an order.
 *
 * @throws {ProtocolError} If it is none.
 */
export function decodeOrder(bytes: Uint8Array): NoticeOrder {
  const body = decodeMap(bytes);
  return {
    id: idOf(body),
    labels: readLabels(body["labels"]),
    to: readInstances(body["to"]),
  };
}

/** Encodes the head of a notice. */
export function encodeNotice(head: NoticeHead): Uint8Array {
  return encodeBody(head);
}

/**
 * Decodes the head of a notice.
 *
 * @throws {ProtocolError} If it is none.
 */
export function decodeNotice(bytes: Uint8Array): NoticeHead {
  const body = decodeMap(bytes);
  return {
    id: idOf(body),
    labels: readLabels(body["labels"]),
    from: textField(body, "from") ?? "",
    sender: textField(body, "sender") ?? "",
  };
}

/**
 * Reads a list of workers.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readInstances(value: unknown): readonly string[] {
  const isList = Array.isArray(value) && value.length <= MAX_NAMED &&
    value.every((each) => typeof each === "string");
  if (isList) return value;
  throw new ProtocolError(
    `Cannot read workers as they must be a list of ${MAX_NAMED} texts at most`,
  );
}

/** Whom a notice is for, for people. */
export function describeLabels(labels: Labels): string {
  return formatLabels(labels) || "all workers";
}

function idOf(body: BodyMap): string {
  const id = textField(body, "id") ?? "";
  if (id.length > 0 && id.length <= MAX_ID) return id;
  throw new ProtocolError(
    `Cannot read notice: its id has ${id.length} characters, expected 1 to ${MAX_ID}`,
  );
}
