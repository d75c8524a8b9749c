import { parseAddress } from "../base/address.ts";
import { ProtocolError } from "../base/errors.ts";
import { parseJson } from "../base/parse_json.ts";
import type { ClusterReport } from "../observe/report.ts";

/**
 * What a role may tell about itself beside what the protocol asks for. A peer
 * that does not know these fields ignores them.
 */
export interface PeerFacts {
  /** The operator's name for a group of processes, such as `ChatGateway`. */
  readonly name?: string;
  /** Names this run of this process. */
  readonly instance?: string;
  /** Version of the software. */
  readonly version?: string;
  /** What the peer is: a worker, or a program that only sends. */
  readonly role?: string;
  /** Process id on the peer's machine. */
  readonly pid?: number;
}

/** A gateway announces where workers reach it. It is never answered. */
export interface GatewayConnect extends PeerFacts {
  /** Says which message this is. */
  readonly event: "gateway_connect";
  /** `host:port` of the gateway's listener for workers. */
  readonly address: string;
  /** The shared key; absent means empty. */
  readonly secretKey?: string;
}

/** A worker, or a program that sends, asks for the gateways' addresses. */
export interface WorkerConnect extends PeerFacts {
  /** Says which message this is. */
  readonly event: "worker_connect";
  /** The shared key; absent means empty. */
  readonly secretKey?: string;
}

/** A peer shows that it is there. It is never answered. */
export interface Ping {
  /** Says which message this is. */
  readonly event: "ping";
}

/** The Register tells all gateways' addresses; each list replaces the one before. */
export interface BroadcastAddresses {
  /** Says which message this is. */
  readonly event: "broadcast_addresses";
  /** One `host:port` for each gateway, without duplicates. */
  readonly addresses: readonly string[];
}

/** A node that has a secret key asks for a nonce to prove it. */
export interface Hello {
  /** Says which message this is. */
  readonly event: "hello";
  /** 32 fresh random bytes of the node, in hex. */
  readonly nonce: string;
}

/** The Register's answer to a hello. */
export interface Challenge {
  /** Says which message this is. */
  readonly event: "challenge";
  /** 32 fresh random bytes of the Register, in hex. */
  readonly nonce: string;
}

/** A node says something and proves that it knows a secret key; see `register_proof.ts`. */
export interface Signed {
  /** Says which message this is. */
  readonly event: "signed";
  /** Another message as it would stand on a line of its own. */
  readonly line: string;
  /** A proof of 32 bytes for each key that the node knows, in hex. */
  readonly proofs: string;
}

/**
 * The Register tells a peer of our own kind, one that named its instance, that it
 * takes reports.
 */
export interface Welcome {
  /** Says which message this is. */
  readonly event: "welcome";
  /** That the Register knows the secret key, in hex; for a node that has proved it. */
  readonly proof?: string | undefined;
  /** Version of the Register's software. */
  readonly version?: string;
}

/** A gateway or worker tells how it is; only after a welcome. It is never answered. */
export interface Report {
  /** Says which message this is. */
  readonly event: "report";
  /** See `lib/observe/report.ts`. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** Somebody asks how the cluster is. */
export interface StatusQuery {
  /** Says which message this is. */
  readonly event: "status";
  /** The shared key; absent means empty. */
  readonly secretKey?: string;
}

/** How the cluster is, as the Register answers. */
export interface StatusReply {
  /** Says which message this is. */
  readonly event: "status_reply";
  /** All that the Register knows. */
  readonly status: ClusterReport;
}

/** An event this version does not know, or one whose fields are wrong. */
export interface Unrecognized {
  /** Says which message this is. */
  readonly event: "unrecognized";
  /** What is wrong; holds nothing that the sender must keep secret. */
  readonly reason: string;
}

/** Whatever can be said on a link to the Register. */
export type RegisterMessage =
  | GatewayConnect
  | WorkerConnect
  | Ping
  | Hello
  | Challenge
  | Signed
  | Welcome
  | Report
  | StatusQuery
  | StatusReply
  | BroadcastAddresses;

/** Longest address or fact that is taken from a peer, in UTF-16 units. */
const MAX_TEXT = 256;

/** Longest part of an unknown event's name that a reason repeats. */
const MAX_QUOTE = 32;

const FACT_NAMES = ["name", "instance", "version", "role"] as const;

const encoder = new TextEncoder();

/** Writes a message as one line, line feed included. */
export function encodeRegisterMessage(message: RegisterMessage): Uint8Array {
  return encoder.encode(`${JSON.stringify(toWire(message))}\n`);
}

function toWire(message: RegisterMessage): unknown {
  switch (message.event) {
    case "gateway_connect":
    case "worker_connect":
    case "status": {
      const { secretKey = "", ...rest } = message;
      return { ...rest, "secret_key": secretKey };
    }
    case "status_reply":
      return { event: "status", ...message.status };
    case "broadcast_addresses":
    case "ping":
    case "hello":
    case "challenge":
    case "signed":
    case "welcome":
    case "report":
      return message;
    default:
      return message satisfies never;
  }
}

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
      return { event };
    case "gateway_connect":
      return decodeGateway(fields);
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

function decodeGateway(fields: Fields): GatewayConnect | Unrecognized {
  const secretKey = decodeSecretKey(fields);
  const { address } = fields;
  if (!isDialable(address)) {
    return unrecognized('the gateway\'s address is not "host:port"');
  }
  if (secretKey === undefined) {
    return unrecognized("the secret key is not a string");
  }
  return { event: "gateway_connect", address, secretKey, ...factsOf(fields) };
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

function decodeWelcome({ proof }: Fields): Welcome {
  return isHex(proof) ? { event: "welcome", proof } : { event: "welcome" };
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
  const { registers, gateways, workers } = fields;
  if (
    isObjectList(registers) && isObjectList(gateways) && isObjectList(workers)
  ) {
    // What its nodes tell is for people and pages: they take what they find.
    const status = { registers, gateways, workers } as unknown as ClusterReport;
    return { event: "status_reply", status };
  }
  const secretKey = decodeSecretKey(fields);
  return secretKey === undefined
    ? unrecognized("the secret key is not a string")
    : { event: "status", secretKey };
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
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
  const known = new Set(Object.values(addresses).filter(isDialable));
  return { event: "broadcast_addresses", addresses: [...known] };
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
  const { pid } = fields;
  return {
    ...Object.fromEntries(texts),
    ...(typeof pid === "number" && Number.isSafeInteger(pid) ? { pid } : {}),
  };
}

function unrecognized(reason: string): Unrecognized {
  return { event: "unrecognized", reason };
}
