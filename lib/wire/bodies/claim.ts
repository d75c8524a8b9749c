/**
 * What gateways say to each other of a session that one of them has, and whose client
 * has come to the other.
 *
 * @module
 */
import { findAddress } from "../../base/address.ts";
import { ProtocolError } from "../../base/errors.ts";
import {
  type BodyMap,
  bytesField,
  decodeMap,
  encodeBody,
  numberField,
  numberListField,
  textField,
  textListField,
  toMap,
} from "../body.ts";

/** May the session be had that a client shows the token of? */
export interface ClaimBody {
  /** Of what the session is found by, 32 bytes. */
  readonly hash: Uint8Array;
  /** By which a gateway knows what it has made. */
  readonly mark: Uint8Array;
  /** Counted frames that the client has. */
  readonly received: number;
  /** The uid that `authorize` has granted it now; not set if none. */
  readonly uid?: string | undefined;
}

/** The same session is to come over. */
export interface SettleBody extends ClaimBody {
  /** Where gateways dial whoever claims, `host:port`. */
  readonly address: string;
  /** The client's connection id there. */
  readonly client: number;
  /** Uids and groups of which everybody knows that they are there. */
  readonly names: readonly string[];
  /** The home's count of senders when it named those who are known to send there too. */
  readonly came?: number | undefined;
}

/** An event of a client, on its way to another gateway. */
export interface GivenEvent {
  /** What it is. */
  readonly command: number;
  /** Flags, without the head. */
  readonly flags: number;
  /** Earlier deliveries that ended in a lost worker. */
  readonly deliveries: number;
  /** The client's own number of it. */
  readonly number: number;
  /** What is in it. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** A request that is not answered. */
export interface GivenRequest {
  /** The client's name for it. */
  readonly id: string;
  /** Number of the event that it came in. */
  readonly number: number;
  /** Whether the client wants no answer any more. */
  readonly isCancelled: boolean;
}

/** What `authorize` granted a client. */
export interface GivenGrant {
  /** The uid; not set if none. */
  readonly uid?: string | undefined;
  /** The groups. */
  readonly groups: readonly string[];
  /** The session, in CBOR. */
  readonly session?: Uint8Array<ArrayBuffer> | undefined;
}

/** All that a gateway had of a client. */
export interface GivenClient {
  /** What it was called there. */
  readonly previous: number;
  /** Names the session to people. */
  readonly id: string;
  /** Milliseconds for which the client may be away. */
  readonly window: number;
  /** Milliseconds for which it has been away. */
  readonly away: number;
  /** Number of the newest frame that is not kept. */
  readonly gone: number;
  /** What comes after it, each with its letter; no bytes for one that was dropped. */
  readonly frames: readonly Uint8Array[];
  /** Counted frames that came of the client. */
  readonly received: number;
  /** So many of them are handled. */
  readonly handled: number;
  /** Its uid. */
  readonly uid: string | undefined;
  /** Its groups. */
  readonly groups: readonly string[];
  /** The session, in CBOR; not set if it is empty. */
  readonly session: Uint8Array<ArrayBuffer> | undefined;
  /** How late it was bound to its uid. */
  readonly login: number;
  /** Counts the changes of session and uid. */
  readonly version: number;
  /** Number of its newest event. */
  readonly events: number;
  /** Whether any worker was ever told of it. */
  readonly isIntroduced: boolean;
  /** Events that no worker has, the oldest first. */
  readonly waiting: readonly GivenEvent[];
  /** Events that a worker has, and is not done with. */
  readonly running: readonly GivenEvent[];
  /** Instance of the worker that it was bound to; not set if there is none. */
  readonly worker: string | undefined;
  /** Whether OldEvents will come. */
  readonly isBusy: boolean;
  /** Its requests that are not answered. */
  readonly requests: readonly GivenRequest[];
  /** What it was granted; not set if nobody was asked. */
  readonly grant: GivenGrant | undefined;
  /** Who has sent to many: the newest stamp of each that the old gateway took. */
  readonly stamps: ReadonlyMap<string, number>;
}

/** A session may be had. */
export interface ClaimedAnswer {
  /** That it may. */
  readonly outcome: "claimed";
  /** Its uid and groups. */
  readonly names: readonly string[];
  /** Instances of those who send to clients where it is. */
  readonly senders: readonly string[];
  /** How many ever came to send there. */
  readonly came: number;
}

/** What a gateway answers to a claim, or to its settling. */
export type ClaimAnswer =
  /** It may be had. */
  | ClaimedAnswer
  /** Here it is. */
  | { readonly outcome: "given"; readonly client: GivenClient }
  /** It has gone to another gateway. */
  | { readonly outcome: "moved"; readonly address: string }
  /** It cannot be had, or not now. */
  | { readonly outcome: Denial };

/** Why a session cannot be had; `busy` if it can be soon. */
export type Denial = "expired" | "lost" | "refused" | "busy";

/** Encodes a claim, or its settling. */
export function encodeClaim(
  claim: ClaimBody | SettleBody,
): Uint8Array<ArrayBuffer> {
  return encodeBody(claim);
}

/**
 * Decodes a claim.
 *
 * @throws {ProtocolError} If it is none.
 */
export function decodeClaim(bytes: Uint8Array): ClaimBody {
  return readClaim(decodeMap(bytes));
}

/**
 * Decodes the settling of a claim.
 *
 * @throws {ProtocolError} If it is none.
 */
export function decodeSettle(bytes: Uint8Array): SettleBody {
  const body = decodeMap(bytes);
  return {
    ...readClaim(body),
    address: readAddress(body),
    client: numberField(body, "client") ?? 0,
    names: textListField(body, "names"),
    came: numberField(body, "came"),
  };
}

/** Returns what an answer is as a body. */
export function claimAnswerBody(answer: ClaimAnswer): BodyMap {
  if (answer.outcome !== "given") return { ...answer };
  const { waiting, running, requests, stamps, ...rest } = answer.client;
  return {
    outcome: "given",
    client: {
      ...rest,
      waiting: waiting.map(toRow),
      running: running.map(toRow),
      requests: requests.map((
        each,
      ) => [each.id, each.number, each.isCancelled]),
      senders: [...stamps.keys()],
      stamps: [...stamps.values()],
    },
  };
}

/**
 * Reads an answer. Frames are views of where the body was.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readClaimAnswer(value: unknown): ClaimAnswer {
  const body = toMap(value);
  const outcome = textField(body, "outcome");
  switch (outcome) {
    case "claimed":
      return {
        outcome,
        names: textListField(body, "names"),
        senders: textListField(body, "senders"),
        came: numberField(body, "came") ?? 0,
      };
    case "given":
      return { outcome, client: readClient(toMap(body["client"])) };
    case "moved":
      return { outcome, address: readAddress(body) };
    case "expired":
    case "lost":
    case "refused":
    case "busy":
      return { outcome };
    default:
      throw new ProtocolError(
        `Cannot read the answer to a claim: its outcome is "${outcome}"`,
      );
  }
}

function readClaim(body: BodyMap): ClaimBody {
  const hash = bytesField(body, "hash");
  const mark = bytesField(body, "mark");
  if (hash?.length !== 32 || mark === undefined) {
    throw new ProtocolError("Cannot read a claim: it has no token");
  }
  const received = numberField(body, "received") ?? 0;
  return { hash, mark, received, uid: textField(body, "uid") };
}

/** Where a gateway is dialled: whoever is told it will dial it, and remembers it. */
function readAddress(body: BodyMap): string {
  const address = textField(body, "address") ?? "";
  if (findAddress(address) !== undefined) return address;
  throw new ProtocolError(
    `Cannot read body: "address" must be "host:port" or "[ipv6]:port", found ${
      JSON.stringify(address.slice(0, 200))
    }`,
  );
}

function readClient(body: BodyMap): GivenClient {
  const number = (name: string) => numberField(body, name) ?? 0;
  const senders = textListField(body, "senders");
  const stamps = numberListField(body, "stamps");
  return {
    previous: number("previous"),
    id: textField(body, "id") ?? "",
    window: number("window"),
    away: number("away"),
    gone: number("gone"),
    frames: listOf(body, "frames", toBytes),
    received: number("received"),
    handled: number("handled"),
    uid: textField(body, "uid"),
    groups: textListField(body, "groups"),
    session: bytesField(body, "session"),
    login: number("login"),
    version: number("version"),
    events: number("events"),
    isIntroduced: body["isIntroduced"] === true,
    waiting: listOf(body, "waiting", toEvent),
    running: listOf(body, "running", toEvent),
    worker: textField(body, "worker"),
    isBusy: body["isBusy"] === true,
    requests: listOf(body, "requests", toRequest),
    grant: readGrant(body["grant"]),
    stamps: new Map(senders.map((each, i) => [each, stamps[i] ?? 0])),
  };
}

function readGrant(value: unknown): GivenGrant | undefined {
  if (value === undefined || value === null) return undefined;
  const body = toMap(value);
  return {
    uid: textField(body, "uid"),
    groups: textListField(body, "groups"),
    session: bytesField(body, "session"),
  };
}

function listOf<Item>(
  body: BodyMap,
  name: string,
  read: (value: unknown) => Item,
): Item[] {
  const value = body[name];
  if (Array.isArray(value)) return value.map(read);
  throw new ProtocolError(`Cannot read body: "${name}" must be a list`);
}

function toBytes(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new ProtocolError("Cannot read body: a frame must be bytes");
}

function toRow(event: GivenEvent): unknown[] {
  const { command, flags, deliveries, number, payload } = event;
  return [command, flags, deliveries, number, payload];
}

function toEvent(value: unknown): GivenEvent {
  const [command, flags, deliveries, number, payload] = rowOf(value);
  return {
    command: toCount(command),
    flags: toCount(flags),
    deliveries: toCount(deliveries),
    number: toCount(number),
    payload: new Uint8Array(toBytes(payload)),
  };
}

function toRequest(value: unknown): GivenRequest {
  const [id, number, isCancelled] = rowOf(value);
  return {
    id: `${id}`,
    number: toCount(number),
    isCancelled: isCancelled === true,
  };
}

function rowOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ProtocolError("Cannot read body: a row must be a list");
}

function toCount(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) {
    return value;
  }
  throw new ProtocolError("Cannot read body: a count must be a whole number");
}
