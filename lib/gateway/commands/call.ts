import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { FrameHeader } from "../../wire/frame.ts";
import { decodeName, faultOfName, MAX_NAME } from "../../wire/bodies/name.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

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

/**
 * The payload of a command: the name of a uid or group.
 *
 * @throws {TypeError} If it is none.
 */
export function nameOf({ buffer, start, end }: Call): string {
  const name = decodeName(buffer.subarray(start, end));
  const found = faultOfName(name);
  if (found === undefined) return name;
  throw new TypeError(
    `Cannot address uid or group as it must be a text of 1 to ${MAX_NAME} characters: found ${found}`,
  );
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
