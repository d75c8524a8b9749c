import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";
import type { FrameHeader } from "../link/frame.ts";
import { decodeName } from "../link/name.ts";
import type { WorkerLink } from "./worker_link.ts";

/** One command, taken apart. Bytes are valid during the call only. */
export interface Call {
  /** Who sent it. */
  readonly link: WorkerLink;
  /** Which command, which client, and under which number to reply. */
  readonly header: FrameHeader;
  /** Its CBOR part; empty if it has none. */
  readonly head: Uint8Array;
  /** Holds the payload. */
  readonly buffer: Uint8Array;
  /** Where the payload begins. */
  readonly start: number;
  /** Where the payload ends. */
  readonly end: number;
}

/** The payload of a command: the name of a uid or group. */
export function nameOf({ buffer, start, end }: Call): string {
  return decodeName(buffer.subarray(start, end));
}

/** Does something to the client that a command means; returns whether it is there. */
export function withClient(
  table: ClientTable,
  { header }: Call,
  act: (client: Client) => void,
): boolean {
  const client = table.get(header.connectionId);
  if (client === undefined) return false;
  act(client);
  return true;
}
