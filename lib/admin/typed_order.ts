import type { Cluster } from "../cluster/cluster.ts";
import type { AskAnswers, Recipients } from "../cluster/typed_options.ts";
import { type Recipient, RECIPIENTS } from "./send_order.ts";

/** A typed event or a question for clients. */
export interface TypedOrder {
  /** Whom it is for. */
  readonly to: Recipients;
  /** Which event, or what is asked. */
  readonly name: string;
  /** What goes with it. */
  readonly data: unknown;
  /** Milliseconds that clients have to answer a question. */
  readonly timeout: number | undefined;
}

const COMMON = {
  to: { enum: RECIPIENTS },
  id: {
    description: "Client id, uid or group, or a list; not with all",
    oneOf: [
      { type: "string" },
      { type: "array", items: { type: "string" } },
    ],
  },
  name: { type: "string", minLength: 1, maxLength: 128, pattern: "^\\S+$" },
  data: { description: "Anything" },
} as const;

/** JSON schema of a typed event, as {@linkcode readTypedOrder} reads it. */
export const NOTIFY_SCHEMA: Readonly<Record<string, unknown>> = {
  type: "object",
  required: ["to", "name"],
  additionalProperties: false,
  properties: COMMON,
};

/** JSON schema of a question, as {@linkcode readTypedOrder} reads it. */
export const ASK_SCHEMA: Readonly<Record<string, unknown>> = {
  ...NOTIFY_SCHEMA,
  properties: {
    ...COMMON,
    timeout: {
      type: "number",
      minimum: 1,
      maximum: 600_000,
      default: 5_000,
      description: "Milliseconds that clients have to answer",
    },
  },
};

/** JSON schema of what clients answered. */
export const ANSWERS_SCHEMA: Readonly<Record<string, unknown>> = {
  type: "object",
  required: ["results", "missing"],
  properties: {
    results: {
      type: "array",
      items: {
        type: "object",
        required: ["clientId"],
        properties: {
          clientId: { type: "string" },
          value: { description: "The answer" },
          error: {
            type: "object",
            required: ["code"],
            properties: { code: { type: "string" }, data: {} },
          },
        },
      },
    },
    missing: { type: "array", items: { type: "string" } },
    partial: {
      description: "Gateways that did not say what their clients answered",
      type: "array",
      items: { type: "string" },
    },
  },
};

/**
 * Reads a typed event or a question from JSON. Names, ids and times are checked by the call.
 *
 * @param act What is to be done, for errors.
 * @throws {TypeError} If it is none; the message says which field is wrong.
 */
export function readTypedOrder(
  act: "notify" | "ask",
  json: unknown,
): TypedOrder {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`Cannot ${act} as the body must be a JSON object`);
  }
  const schema = act === "ask" ? ASK_SCHEMA : NOTIFY_SCHEMA;
  const fields = Object.keys(schema["properties"] as object);
  const unknown = Object.keys(json).find((field) => !fields.includes(field));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot ${act} as the fields of the body are ${
        fields.join(", ")
      }: found "${unknown.slice(0, 80)}"`,
    );
  }
  const { to, id, name, data, timeout } = json as Record<string, unknown>;
  const kind = RECIPIENTS.find((recipient) => recipient === to);
  if (kind === undefined) {
    throw new TypeError(
      `Cannot ${act} as "to" must be one of ${RECIPIENTS.join(", ")}`,
    );
  }
  return {
    to: recipientsOf(act, kind, Array.isArray(id) ? id : [id]),
    // What these are the call checks.
    name: name as string,
    data,
    timeout: timeout as number | undefined,
  };
}

/** Returns whom ids of a kind mean, as calls have it. */
export function recipientsOf(
  act: string,
  kind: Recipient,
  ids: readonly unknown[],
): Recipients {
  if (kind === "all") {
    if (ids.every((each) => each === undefined)) return { all: true };
    throw new TypeError(
      `Cannot ${act} as "id" must be left out where everybody is meant`,
    );
  }
  if (!ids.every((each) => typeof each === "string")) {
    throw new TypeError(
      `Cannot ${act} as "id" must be a text or a list of texts`,
    );
  }
  switch (kind) {
    case "client":
      return { client: ids };
    case "uid":
      return { uid: ids };
    case "group":
      return { group: ids };
  }
}

/** Tells the event; returns how many clients were reached. */
export async function notifyAll(
  cluster: Cluster,
  { to, name, data }: TypedOrder,
): Promise<number> {
  return await cluster.notify(to, name, data, { confirm: true }) ?? 0;
}

/** Asks the question. */
export function askAll(
  cluster: Cluster,
  { to, name, data, timeout }: TypedOrder,
): Promise<AskAnswers> {
  const options = timeout === undefined ? {} : { timeout };
  return cluster.ask(to, name, data, options);
}
