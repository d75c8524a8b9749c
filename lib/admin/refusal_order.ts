/**
 * What a request says of closing and refusing clients.
 *
 * @module
 */
import type { CloseOptions, Message } from "../cluster/call_options.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type {
  RefusalTarget,
  RefuseOptions,
} from "../cluster/refusal_options.ts";

/** What may be closed. */
export const CLOSABLE = ["uid", "client"] as const;

/** What may be refused. */
export const REFUSABLE = ["uid", "address", "token"] as const;

type Node = Readonly<Record<string, unknown>>;

const REASON: Node = {
  type: "string",
  description: "What clients are told, at most 123 bytes",
};

const TARGET: Node = {
  uid: { type: "string" },
  address: {
    type: "string",
    description: "An address, or a range such as 203.0.113.0/24",
  },
  token: {
    type: "string",
    description: "Of a session; or as it is listed",
  },
};

/** JSON schema of a body that closes clients. */
export const CLOSE_SCHEMA: Node = {
  type: "object",
  required: ["to", "id"],
  additionalProperties: false,
  properties: {
    to: { enum: CLOSABLE },
    id: { type: "string", description: "A uid, or a client id" },
    message: { type: "string", description: "Goes before the end, as text" },
    code: { type: "integer", description: "1000, or 3000 to 4999" },
    reason: REASON,
  },
};

/** JSON schema of a body that refuses clients: one of uid, address and token. */
export const REFUSE_SCHEMA: Node = {
  type: "object",
  minProperties: 1,
  additionalProperties: false,
  properties: {
    ...TARGET,
    until: {
      description: "ISO 8601, or milliseconds since 1970; a day by default",
      oneOf: [{ type: "string", format: "date-time" }, { type: "number" }],
    },
    reason: REASON,
  },
};

/** JSON schema of a body that lets clients in again. */
export const ALLOW_SCHEMA: Node = {
  type: "object",
  minProperties: 1,
  maxProperties: 1,
  additionalProperties: false,
  properties: TARGET,
};

/**
 * Closes whom a body says.
 *
 * @returns How many were there.
 * @throws {TypeError} If it says nobody.
 */
export async function closeAsSaid(
  cluster: Cluster,
  json: unknown,
): Promise<number> {
  const body = toRecord(json, CLOSE_SCHEMA);
  const { to, id, message, code, reason } = body;
  if (!CLOSABLE.some((each) => each === to) || typeof id !== "string") {
    throw new TypeError(
      'Cannot close clients as "to" must be uid or client, and "id" a text',
    );
  }
  if (message !== undefined && typeof message !== "string") {
    throw new TypeError('Cannot close clients as "message" must be a text');
  }
  const options = {
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
  } as CloseOptions;
  return await close(cluster, { to, id, message, options });
}

/** Closes the clients of a uid, or one client; returns how many were there. */
export async function close(
  cluster: Cluster,
  { to, id, message, options }: {
    readonly to: unknown;
    readonly id: string;
    readonly message: Message | undefined;
    readonly options: CloseOptions;
  },
): Promise<number> {
  if (to === "uid") return await cluster.closeUid(id, message, options);
  return Number(await cluster.closeClient(id, message, options));
}

/**
 * Refuses whom a body says.
 *
 * @returns How many were closed.
 * @throws {TypeError} If it says nobody.
 * @throws {RangeError} If it cannot be until then.
 */
export async function refuseAsSaid(
  cluster: Cluster,
  json: unknown,
): Promise<number> {
  const { until, reason, ...target } = toRecord(json, REFUSE_SCHEMA);
  const options = {
    ...(until !== undefined && {
      until: typeof until === "string" ? new Date(until) : until,
    }),
    ...(reason !== undefined && { reason }),
  } as RefuseOptions;
  return await cluster.refuse(target as RefusalTarget, options);
}

/**
 * Lets in again whom a body says.
 *
 * @returns Whether it was refused.
 * @throws {TypeError} If it says nobody.
 */
export async function allowAsSaid(
  cluster: Cluster,
  json: unknown,
): Promise<boolean> {
  return await cluster.allow(toRecord(json, ALLOW_SCHEMA) as RefusalTarget);
}

function toRecord(json: unknown, schema: Node): Record<string, unknown> {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError("Cannot read body as it must be a JSON object");
  }
  const fields = Object.keys(schema["properties"] as object);
  const unknown = Object.keys(json).find((field) => !fields.includes(field));
  if (unknown === undefined) return { ...json };
  throw new TypeError(
    `Cannot read body as its fields are ${fields.join(", ")}: found another`,
  );
}
