/**
 * What every bridge says once a second, and whenever something changes.
 *
 * @module
 */
import {
  decodeMap,
  encodeBody,
  numberField,
  numberListField,
  textField,
} from "../../wire/body.ts";

/** That a bridge is there, and how it is. */
export interface Heartbeat {
  /** Its cell. */
  readonly cell: string;
  /** Differs for every start of a bridge. */
  readonly instance: string;
  /** Counts its heartbeats: none is believed twice. */
  readonly number: number;
  /** When, in milliseconds since 1970. */
  readonly time: number;
  /** For each shard the epoch since when it is active; 0 where it stands by. */
  readonly epochs: readonly number[];
  /** For each shard, the generation of what it said of absent names. */
  readonly generations: readonly number[];
  /** Whether it is leaving, and does nothing more. */
  readonly isLeaving: boolean;
  /** Version of its software. */
  readonly version: string;
}

/** Writes a heartbeat as the body of a seal. */
export function writeHeartbeat(heartbeat: Heartbeat): Uint8Array {
  return encodeBody(heartbeat);
}

/**
 * Reads a heartbeat out of its seal.
 *
 * @throws {ProtocolError} If it is nonsense.
 */
export function readHeartbeat(bytes: Uint8Array): Heartbeat {
  const body = decodeMap(bytes);
  return {
    cell: textField(body, "cell") ?? "",
    instance: textField(body, "instance") ?? "",
    number: numberField(body, "number") ?? 0,
    time: numberField(body, "time") ?? 0,
    epochs: numberListField(body, "epochs"),
    generations: numberListField(body, "generations"),
    isLeaving: body["isLeaving"] === true,
    version: textField(body, "version") ?? "",
  };
}
