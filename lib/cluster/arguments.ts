/**
 * Checks of what callers pass: a mistake is thrown before anything is sent.
 *
 * @module
 */
import { NO_BYTES } from "../base/no_bytes.ts";
import { type ClientAddress, parseClientId } from "../wire/bodies/client_id.ts";
import { encodeText } from "../wire/decoded_text.ts";
import { Flag, HEADER_LENGTH, MAX_FRAME } from "../wire/frame.ts";
import { MAX_NAME } from "../wire/bodies/name.ts";
import type {
  CloseOptions,
  Message,
  QueuePolicy,
  SendOptions,
} from "./call_options.ts";

/** Most bytes of a message to clients. */
export const MAX_MESSAGE = 64 * 1024 * 1024;

/** Most bytes of a reason in a WebSocket close frame. */
const MAX_REASON = 123;

const encoder = new TextEncoder();

/**
 * Turns a message into bytes.
 *
 * @throws {TypeError} If it is neither a string nor bytes.
 * @throws {RangeError} If it is too long.
 */
export function encodeMessage(message: Message): Uint8Array {
  // To encode a giant takes seconds, and memory of its size.
  if (typeof message === "string" && message.length > MAX_MESSAGE) {
    throw tooLong(message.length);
  }
  const payload = typeof message === "string" ? encodeText(message) : message;
  if (!(payload instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot send message as it must be a string or a Uint8Array: found ${
        kindOf(payload)
      }`,
    );
  }
  if (payload.length <= MAX_MESSAGE) return payload;
  throw tooLong(payload.length);
}

function tooLong(length: number): RangeError {
  return new RangeError(
    `Cannot send message as it must be at most ${MAX_MESSAGE} bytes: it is ${length}`,
  );
}

/** The flags of a frame with a message. */
export function flagsOf(
  message: Message,
  { raw = false, policy = "close" }: SendOptions = {},
): number {
  return (typeof message === "string" ? 0 : Flag.Binary) |
    (raw ? Flag.Raw : 0) | POLICY_FLAGS[policy];
}

const POLICY_FLAGS: Record<QueuePolicy, number> = {
  close: 0,
  "drop-oldest": Flag.DropOldest,
  "drop-newest": Flag.DropNewest,
  latest: Flag.DropOldest | Flag.DropNewest,
};

/** Every {@linkcode QueuePolicy}. */
export const QUEUE_POLICIES: readonly string[] = Object.keys(POLICY_FLAGS);

/**
 * Checks the options of a call that sends.
 *
 * @throws {TypeError} If they are no object, or the policy and its key do not fit.
 */
export function checkSendOptions(options: SendOptions): void {
  checkOptions(options);
  const { policy = "close", key, raw = false } = options;
  if (!Object.hasOwn(POLICY_FLAGS, policy)) {
    throw new TypeError(
      `Cannot send message as policy must be one of ${
        QUEUE_POLICIES.join(", ")
      }: current value is ${quote(policy)}`,
    );
  }
  if (typeof key === "string" && key.length > MAX_NAME) {
    throw new RangeError(
      `Cannot send message as its key must be at most ${MAX_NAME} characters: it is ${key.length}`,
    );
  }
  const hasKey = key !== undefined && key !== null;
  if ((policy === "latest") !== hasKey || hasKey && typeof key !== "string") {
    throw new TypeError(
      `Cannot send message as policy "latest" and a key go together: policy is "${policy}", key is ${
        quote(key)
      }`,
    );
  }
  if (raw && policy !== "close") {
    throw new TypeError(
      `Cannot send message as raw bytes cannot be dropped: policy is "${policy}"`,
    );
  }
}

/**
 * Checks that what goes to a gateway fits in a frame.
 *
 * @throws {RangeError} If it does not.
 */
export function checkFrame(
  head: Uint8Array,
  payload: string | Uint8Array = NO_BYTES,
): void {
  const length = HEADER_LENGTH + 4 + head.length + payload.length;
  if (length <= MAX_FRAME) return;
  throw new RangeError(
    `Cannot call the cluster as ids, names and message must be at most ${MAX_FRAME} bytes together: they are ${length}`,
  );
}

/**
 * Checks a uid or the name of a group.
 *
 * @throws {TypeError} If it is no text, empty, or not well-formed.
 * @throws {RangeError} If it is too long.
 */
export function checkName(what: "uid" | "group", name: unknown): string {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `Cannot address ${what} as it must be a text that is not empty: current value is ${
        quote(name)
      }`,
    );
  }
  if (!name.isWellFormed()) {
    throw new TypeError(
      `Cannot address ${what} as it must be well-formed Unicode: a surrogate of ${
        quote(name)
      } is alone`,
    );
  }
  if (name.length <= MAX_NAME) return name;
  throw new RangeError(
    `Cannot address ${what} as it must be at most ${MAX_NAME} characters: it is ${name.length}`,
  );
}

/** Checks one name or a list of names, and returns each once. */
export function checkNames(what: "uid" | "group", names: unknown): string[] {
  if (!Array.isArray(names)) return [checkName(what, names)];
  return [...new Set(names.map((name) => checkName(what, name)))];
}

/** Like {@linkcode checkNames}, where it must be a list. */
export function checkNameList(what: "uid" | "group", names: unknown): string[] {
  return checkNames(what, checkList(`${what}s`, names));
}

/**
 * Takes a client id apart.
 *
 * @throws {TypeError} If it is none.
 */
export function checkClientId(clientId: unknown): ClientAddress {
  const address = typeof clientId === "string"
    ? parseClientId(clientId)
    : undefined;
  if (address !== undefined) return address;
  throw new TypeError(
    `Cannot address client as its id must be 20 hex digits, behind the name of a cell and a colon or not: current value is ${
      quote(clientId)
    }`,
  );
}

/**
 * Takes client ids apart.
 *
 * @returns The connection ids, by gateway.
 * @throws {TypeError} If one is none.
 */
export function groupByGateway(clientIds: unknown): Map<string, number[]> {
  const byGateway = new Map<string, number[]>();
  for (const clientId of checkList("client ids", clientIds)) {
    const { gatewayId, connectionId } = checkClientId(clientId);
    const ids = byGateway.get(gatewayId);
    if (ids === undefined) byGateway.set(gatewayId, [connectionId]);
    else ids.push(connectionId);
  }
  return byGateway;
}

/**
 * Checks that options are none, or an object: the lists that the original takes by
 * position are fields here, and overlooking one would send to everybody.
 *
 * @throws {TypeError} If they are anything else.
 */
export function checkOptions(options: unknown): void {
  if (
    typeof options === "object" && options !== null && !Array.isArray(options)
  ) return;
  throw new TypeError(
    `Cannot call the cluster as options must be an object: found ${
      kindOf(options)
    }`,
  );
}

/**
 * Checks which cells a call concerns.
 *
 * @throws {TypeError} If that is neither its own nor all.
 */
export function checkCells(cells: unknown): "all" | undefined {
  if (cells === undefined || cells === "all") return cells;
  throw new TypeError(
    `Cannot call the cluster as cells must be "all" or absent: current value is ${
      quote(cells)
    }`,
  );
}

/**
 * Checks how a client is to be closed.
 *
 * @throws {RangeError} If the code is none that may be sent, or the reason too long.
 */
export function checkClose({ code = 1000, reason = "" }: CloseOptions): void {
  if (
    code !== 1000 && !(Number.isInteger(code) && code > 2999 && code < 5000)
  ) {
    throw new RangeError(
      `Cannot close client as code must be 1000 or 3000 to 4999: current value is ${code}`,
    );
  }
  if (
    typeof reason !== "string" || !reason.isWellFormed() ||
    encoder.encode(reason).length > MAX_REASON
  ) {
    throw new RangeError(
      `Cannot close client as reason must be a text of at most ${MAX_REASON} bytes: current value is ${
        quote(reason)
      }`,
    );
  }
}

function checkList(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(
    `Cannot call the cluster as ${what} must be a list: found ${kindOf(value)}`,
  );
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}

function quote(value: unknown): string {
  if (typeof value !== "string") return kindOf(value);
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
