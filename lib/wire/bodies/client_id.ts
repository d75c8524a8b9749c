/**
 * Client ids: 20 hex digits, as in GatewayWorker for PHP. The first 12 say which gateway
 * (its IPv4 address, 8 digits, and internal port, 4), the last 8 which connection on it,
 * each a big-endian number.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { isIPv4 } from "node:net";
import type { Address } from "../../base/address.ts";

/** Stands between the name of a cell and an id of a client there. */
export const CELL_MARK = ":";

/** What a cell is called. */
const CELL = /^[a-z0-9-]{1,32}$/;

/** Where a client lives. */
export interface ClientAddress {
  /** The 12 hex digits of its gateway; behind its cell's name and a colon if the id has one. */
  readonly gatewayId: string;
  /** Its number on that gateway. */
  readonly connectionId: number;
}

/**
 * Returns the 12 hex digits that stand for a gateway in the ids of its clients.
 *
 * An IPv4 address and port are written as in the original. Any other host is
 * hashed into 240.0.0.0/4, which no host can have, so that the two never meet.
 */
export function gatewayIdOf({ hostname, port }: Address): string {
  const portDigits = port.toString(16).padStart(4, "0");
  const parts = hostname.split(".").map(Number);
  if (isIPv4(hostname)) return parts.map(hexByte).join("") + portDigits;
  const digest = createHash("sha256").update(hostname).digest("hex");
  return `f${digest.slice(0, 7)}${portDigits}`;
}

/** Writes a client id. */
export function formatClientId(
  gatewayId: string,
  connectionId: number,
): string {
  return gatewayId + connectionId.toString(16).padStart(8, "0");
}

/** Reads a client id; `undefined` if it is not 20 hex digits, behind a cell or not. */
export function parseClientId(clientId: string): ClientAddress | undefined {
  if (typeof clientId !== "string" || !/^[0-9a-fA-F]{20}$/.test(clientId)) {
    return parseForeignId(clientId);
  }
  return {
    gatewayId: clientId.slice(0, 12).toLowerCase(),
    connectionId: parseInt(clientId.slice(12), 16),
  };
}

/** Whether a text may be what a cell is called. */
export function isCellName(text: string): boolean {
  return CELL.test(text);
}

/** Reads `eu:7f0000010b5400000001`. */
function parseForeignId(clientId: unknown): ClientAddress | undefined {
  if (typeof clientId !== "string") return undefined;
  const at = clientId.indexOf(CELL_MARK);
  const cell = clientId.slice(0, Math.max(at, 0));
  if (!isCellName(cell)) return undefined;
  const rest = clientId.slice(at + 1);
  if (rest.includes(CELL_MARK)) return undefined;
  const address = parseClientId(rest);
  return address &&
    { ...address, gatewayId: `${cell}${CELL_MARK}${address.gatewayId}` };
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0");
}
