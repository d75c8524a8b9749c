import { ProtocolError } from "../base/errors.ts";
import { isObject } from "../base/is_object.ts";
import { parseJson } from "../base/parse_json.ts";

const encoder = new TextEncoder();

/** The line that keeps a connection with a Register of the original. */
export const PING_LINE: Uint8Array<ArrayBuffer> = line({ event: "ping" });

/**
 * Writes the line with which a gateway of the original announces itself.
 *
 * @param address Where workers reach it, `ip:port`.
 * @param secretKey The key of the original's cluster, which goes out in clear.
 */
export function gatewayConnectLine(
  address: string,
  secretKey: string,
): Uint8Array<ArrayBuffer> {
  return line({ event: "gateway_connect", address, secret_key: secretKey });
}

/**
 * Writes the line with which a worker or a GatewayClient of the original asks for the
 * gateways' addresses.
 *
 * @param secretKey The key of the original's cluster, which goes out in clear.
 */
export function workerConnectLine(secretKey: string): Uint8Array<ArrayBuffer> {
  return line({ event: "worker_connect", secret_key: secretKey });
}

/**
 * Reads the addresses in a line of a Register of the original. It drops those that came
 * before, but not their keys: a list with a gap is an object there.
 *
 * @param text The line.
 * @returns The addresses, each once; `undefined` if the line says something else.
 * @throws {ProtocolError} If it is no such line at all.
 */
export function readAddresses(text: string): string[] | undefined {
  const said = readObject(text);
  if (said["event"] !== "broadcast_addresses") return undefined;
  const { addresses } = said;
  const isGood = typeof addresses === "object" && addresses !== null;
  const found: unknown[] = isGood ? Object.values(addresses) : [undefined];
  return [...new Set(found.map(checkAddress))];
}

function readObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new ProtocolError("Cannot read line of a Register: it is no JSON", {
      cause,
    });
  }
  if (isObject(value)) return value;
  throw new ProtocolError("Cannot read line of a Register: it is no object");
}

function checkAddress(address: unknown): string {
  if (typeof address === "string") return address;
  throw new ProtocolError(
    "Cannot read line of a Register as addresses must be texts: one is not",
  );
}

function line(value: unknown): Uint8Array<ArrayBuffer> {
  return encoder.encode(`${JSON.stringify(value)}\n`);
}
