import { parseAddress } from "../base/address.ts";
import { ProtocolError } from "../base/errors.ts";
import { isObject } from "../base/is_object.ts";
import { parseJson } from "../base/parse_json.ts";
import type { ClusterReport } from "../observe/report.ts";
import type {
  BridgeConnect,
  BroadcastAddresses,
  Conflict,
  GatewayConnect,
  PeerFacts,
  Ping,
  RegisterMessage,
  RegisterWelcome,
  Report,
  Signed,
  StatusQuery,
  StatusReply,
  Unrecognized,
  WorkerConnect,
} from "./register_message.ts";

/** Longest address or fact that is taken from a peer, in UTF-16 units. */
const MAX_TEXT = 256;

/** Least and most milliseconds between two pings that are answered. */
const MIN_HEARTBEAT = 100;
const MAX_HEARTBEAT = 60_000;

/** Longest part of an unknown event's name that a reason repeats. */
const MAX_QUOTE = 32;

const FACT_NAMES = ["name", "instance", "version", "role"] as const;

/**
 * Reads one line. Fields that are not known are ignored, and so are facts of the
 * wrong type.
 *
 * @param line The line without its end.
 * @returns The message, or what is wrong with its fields.
 * @throws {ProtocolError} If the line is not a JSON object that names an event.
 * The message repeats nothing of the line, which may hold a secret key.
 */
export function decodeRegisterMessage(
  line: string,
): RegisterMessage | Unrecognized {
  const fields = parseObject(line);
  const { event } = fields;
  switch (event) {
    case "ping":
      return decodePing(fields);
    case "pong":
      return { event };
    case "conflict":
      return decodeConflict(fields);
    case "gateway_connect":
    case "bridge_connect":
      return decodeGateway(event, fields);
    case "worker_connect":
      return decodeWorker(fields);
    case "broadcast_addresses":
      return decodeAddresses(fields);
    case "hello":
    case "challenge":
      return decodeNonce(event, fields);
    case "signed":
      return decodeSigned(fields);
    case "welcome":
      return decodeWelcome(fields);
    case "report":
      return decodeReport(fields);
    case "status":
      return decodeStatus(fields);
    default:
      return decodeUnknown(event);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(line: string): Fields {
  let value: unknown;
  try {
    value = parseJson(line);
  } catch (error) {
    // The parser's own message quotes the line, which may hold a secret key.
    const found = error instanceof RangeError
      ? "it is nested too deep"
      : "it is not JSON";
    throw new ProtocolError(`Cannot read register message: ${found}`);
  }
  if (!isObject(value)) {
    throw new ProtocolError(
      "Cannot read register message: it is not a JSON object",
    );
  }
  return value;
}

function decodeUnknown(event: unknown): Unrecognized {
  // What the original holds for empty: its peers are answered in words.
  if (!event || event === "0") {
    throw new ProtocolError("Cannot read register message: it has no event");
  }
  const text = typeof event === "string" ? event : typeof event;
  const quote = JSON.stringify(text.slice(0, MAX_QUOTE));
  return unrecognized(`the event ${quote} is not known`);
}

function decodeGateway(
  event: "gateway_connect" | "bridge_connect",
  fields: Fields,
): GatewayConnect | BridgeConnect | Unrecognized {
  const secretKey = decodeSecretKey(fields);
  const { address } = fields;
  if (!isDialable(address)) {
    return unrecognized('the gateway\'s address is not "host:port"');
  }
  if (secretKey === undefined) {
    return unrecognized("the secret key is not a string");
  }
  return { event, address, secretKey, ...factsOf(fields) };
}

function decodeWorker(fields: Fields): WorkerConnect | Unrecognized {
  const secretKey = decodeSecretKey(fields);
  if (secretKey === undefined) {
    return unrecognized("the secret key is not a string");
  }
  return { event: "worker_connect", secretKey, ...factsOf(fields) };
}

function decodeNonce<E extends "hello" | "challenge">(
  event: E,
  { nonce }: Fields,
): { event: E; nonce: string } | Unrecognized {
  return isHex(nonce) && nonce.length === 64
    ? { event, nonce }
    : unrecognized("the nonce is not 32 bytes in hex");
}

function decodeSigned({ line, proofs }: Fields): Signed | Unrecognized {
  return typeof line === "string" && isHex(proofs)
    ? { event: "signed", line, proofs }
    : unrecognized("what is signed is not a line with proofs");
}

function decodeWelcome({ proof, heartbeat }: Fields): RegisterWelcome {
  return {
    event: "welcome",
    ...(isHex(proof) ? { proof } : {}),
    ...(isHeartbeat(heartbeat) ? { heartbeat } : {}),
  };
}

function decodePing({ every }: Fields): Ping {
  return isHeartbeat(every) ? { event: "ping", every } : { event: "ping" };
}

function isHeartbeat(value: unknown): value is number {
  return typeof value === "number" && value >= MIN_HEARTBEAT &&
    value <= MAX_HEARTBEAT;
}

function decodeConflict(fields: Fields): Conflict | Unrecognized {
  const { address, name, remoteAddress } = fields;
  return isText(address) && isText(name) && isText(remoteAddress)
    ? { event: "conflict", address, name, remoteAddress }
    : unrecognized("the conflict is not one of two gateways");
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT;
}

function isHex(value: unknown): value is string {
  return typeof value === "string" && /^(?:[0-9a-f]{2}){1,128}$/.test(value);
}

function decodeReport({ report }: Fields): Report | Unrecognized {
  return isObject(report)
    ? { event: "report", report }
    : unrecognized("the report is not an object");
}

/** Question and answer have one name on the wire: the answer has the lists. */
function decodeStatus(
  fields: Fields,
): StatusQuery | StatusReply | Unrecognized {
  const { registers, gateways, workers, bridges } = fields;
  if (
    isObjectList(registers) && isObjectList(gateways) && isObjectList(workers)
  ) {
    // What its nodes tell is for people and pages: they take what they find.
    const status = {
      registers,
      gateways,
      workers,
      ...(isObjectList(bridges) ? { bridges } : {}),
    } as unknown as ClusterReport;
    return { event: "status_reply", status };
  }
  const secretKey = decodeSecretKey(fields);
  return secretKey === undefined
    ? unrecognized("the secret key is not a string")
    : { event: "status", secretKey };
}

function isObjectList(value: unknown): value is Fields[] {
  return Array.isArray(value) && value.every(isObject);
}

function decodeSecretKey(fields: Fields): string | undefined {
  const secretKey = fields["secret_key"] ?? "";
  return typeof secretKey === "string" ? secretKey : undefined;
}

/**
 * The original sends an object with gaps when duplicates were removed. An entry
 * that cannot be dialed is left out: one node's nonsense, which the original
 * passes on, must not cost us all the others.
 */
function decodeAddresses(fields: Fields): BroadcastAddresses | Unrecognized {
  const { addresses } = fields;
  if (typeof addresses !== "object" || addresses === null) {
    return unrecognized("the addresses are not a list");
  }
  const { php_addresses: php, bridges } = fields;
  return {
    event: "broadcast_addresses",
    addresses: dialable(addresses),
    ...(Array.isArray(php) ? { phpAddresses: dialable(php) } : {}),
    ...(Array.isArray(bridges) ? { bridges: dialable(bridges) } : {}),
  };
}

function dialable(addresses: object): string[] {
  return [...new Set(Object.values(addresses).filter(isDialable))];
}

function isDialable(address: unknown): address is string {
  if (typeof address !== "string" || address.length > MAX_TEXT) return false;
  try {
    return parseAddress(address).port > 0;
  } catch {
    // Not an address: that is the answer.
    return false;
  }
}

function factsOf(fields: Fields): PeerFacts {
  const texts = FACT_NAMES
    .map((name) => [name, fields[name]] as const)
    .filter(([, text]) => typeof text === "string" && text.length <= MAX_TEXT);
  const { pid, php, list } = fields;
  return {
    ...Object.fromEntries(texts),
    ...(php === true ? { php } : {}),
    ...(list === true ? { list } : {}),
    ...(typeof pid === "number" && Number.isSafeInteger(pid) ? { pid } : {}),
  };
}

function unrecognized(reason: string): Unrecognized {
  return { event: "unrecognized", reason };
}
