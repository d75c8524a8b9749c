import type { Cluster } from "../cluster/cluster.ts";
import type {
  FanOutOptions,
  Message,
  QueuePolicy,
} from "../cluster/call_options.ts";
import { QUEUE_POLICIES } from "../cluster/arguments.ts";
import { decodeBase64 } from "./to_json.ts";

/** Whom a message may go to. */
export const RECIPIENTS = ["all", "client", "uid", "group"] as const;

/** One of {@linkcode RECIPIENTS}. */
export type Recipient = typeof RECIPIENTS[number];

/** The same, and workers, which are told what clients are sent as a notice. */
export const ADDRESSEES = [...RECIPIENTS, "workers"] as const;

/** One of {@linkcode ADDRESSEES}. */
export type Addressee = typeof ADDRESSEES[number];

/** A message, and whom it goes to. */
export interface SendOrder {
  /** Which kind of ids. */
  readonly to: Addressee;
  /** Client ids, uids, groups, or labels of workers; none for everybody. */
  readonly ids: readonly string[];
  /** The message. */
  readonly message: Message;
  /** How it is sent. */
  readonly options: FanOutOptions;
}

/** JSON schema of what {@linkcode readSendOrder} reads. */
export const SEND_SCHEMA: Readonly<Record<string, unknown>> = {
  type: "object",
  required: ["to"],
  additionalProperties: false,
  properties: {
    to: { enum: ADDRESSEES },
    id: {
      description:
        "Client id, uid or group, or a list; of workers the labels, each game=chess; not with all",
      oneOf: [
        { type: "string" },
        { type: "array", items: { type: "string" } },
      ],
    },
    message: { type: "string", description: "Goes as text" },
    base64: {
      type: "string",
      description: "In place of message: goes as bytes",
    },
    exclude: {
      type: "array",
      items: { type: "string" },
      description: "Client ids that are left out",
    },
    confirm: {
      type: "boolean",
      default: true,
      description: "Wait for the gateways and tell how many were reached",
    },
    raw: { type: "boolean", default: false },
    policy: { enum: QUEUE_POLICIES },
    key: { type: "string" },
  },
};

const FIELDS = Object.keys(SEND_SCHEMA["properties"] as object);

/**
 * Reads an order from JSON.
 *
 * @throws {TypeError} If it is none; the message says which field is wrong.
 */
export function readSendOrder(json: unknown): SendOrder {
  const body = toRecord(json);
  const unknown = Object.keys(body).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) {
    throw wrong(unknown, `one of ${FIELDS.join(", ")}`, "another field");
  }
  const to = ADDRESSEES.find((recipient) => recipient === body["to"]);
  if (to === undefined) throw wrong("to", `one of ${ADDRESSEES.join(", ")}`);
  return {
    to,
    ids: readIds(body, to),
    message: readMessage(body),
    options: readOptions(body),
  };
}

/**
 * Sends a message.
 *
 * @returns How many clients or workers were reached, if that was to be confirmed.
 */
export function carryOut(
  cluster: Cluster,
  { to, ids, message, options }: SendOrder,
): Promise<number | undefined> {
  switch (to) {
    case "all":
      return cluster.sendToAll(message, options);
    case "client":
      return cluster.sendToClients(ids, message, options);
    case "uid":
      return cluster.sendToUid(ids, message, options);
    case "group":
      return cluster.sendToGroup(ids, message, options);
    case "workers": {
      const { confirm = false } = options;
      return cluster.sendToWorkers(ids.join(","), message, { confirm });
    }
    default:
      return to satisfies never;
  }
}

function readIds(body: Record<string, unknown>, to: Addressee): string[] {
  const { id } = body;
  if (to === "all") {
    if (id === undefined) return [];
    throw wrong("id", "left out where a message goes to all");
  }
  const ids: unknown[] = Array.isArray(id) ? id : [id];
  if (ids.every((each) => typeof each === "string")) return ids;
  throw wrong("id", "a text or a list of texts");
}

function readMessage({ message, base64 }: Record<string, unknown>): Message {
  if (message !== undefined && base64 !== undefined) {
    throw wrong("base64", "left out where there is a message");
  }
  if (typeof message === "string") return message;
  if (typeof base64 === "string") return decodeBase64(base64);
  throw message === undefined && base64 === undefined
    ? wrong("message", "there, or base64")
    : wrong(message === undefined ? "base64" : "message", "a text");
}

function readOptions(body: Record<string, unknown>): FanOutOptions {
  const { exclude = [], confirm = true, raw = false, policy, key } = body;
  if (!Array.isArray(exclude)) throw wrong("exclude", "a list of client ids");
  if (typeof confirm !== "boolean") throw wrong("confirm", "true or false");
  if (typeof raw !== "boolean") throw wrong("raw", "true or false");
  if (key !== undefined && typeof key !== "string") {
    throw wrong("key", "a text");
  }
  // Policy and key are checked together by the call, and all else of them.
  return {
    exclude,
    confirm,
    raw,
    ...(policy === undefined ? {} : { policy: policy as QueuePolicy }),
    ...(key === undefined ? {} : { key }),
  };
}

function toRecord(json: unknown): Record<string, unknown> {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) {
    return { ...json };
  }
  throw new TypeError("Cannot send message as the body must be a JSON object");
}

function wrong(field: string, rule: string, found?: string): TypeError {
  const state = found === undefined ? "" : `: found ${found}`;
  return new TypeError(
    `Cannot send message as "${field}" must be ${rule}${state}`,
  );
}
