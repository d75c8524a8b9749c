import type { QueryOptions } from "../cluster/call_options.ts";
import type { Cluster } from "../cluster/cluster.ts";

/** What a question is about, beside the cluster. */
export interface Subject {
  /** Its name in lower case; in a shell in upper case. */
  readonly name: "uid" | "client" | "group";
  /** Whether the question makes no sense without. */
  readonly isRequired: boolean;
}

/** A question to the cluster that a shell or an HTTP request can ask. */
export interface Question {
  /** What a person types. */
  readonly name: string;
  /** What it is about, if anything. */
  readonly subject?: Subject;
  /** One line for help and the OpenAPI document. */
  readonly summary: string;
  /** JSON schema of the answer. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Asks it; the subject is there if it is required. */
  ask(
    cluster: Cluster,
    options: QueryOptions,
    subject?: string,
  ): Promise<unknown>;
}

const UID: Subject = { name: "uid", isRequired: true };
const CLIENT: Subject = { name: "client", isRequired: true };
const ANY_GROUP: Subject = { name: "group", isRequired: false };

const BOOLEAN = { type: "boolean" };
const COUNT = { type: "integer", minimum: 0 };
const NAMES = { type: "array", items: { type: "string" } };
const COUNTS = { type: "object", additionalProperties: COUNT };
const SESSION = { type: "object", additionalProperties: true };
const SESSIONS = { type: "object", additionalProperties: SESSION };
const REFUSALS = {
  type: "array",
  items: {
    type: "object",
    required: ["kind", "name", "until", "reason"],
    properties: {
      kind: { enum: ["uid", "address", "token"] },
      name: { type: "string" },
      until: { type: "string", format: "date-time" },
      reason: { type: "string" },
    },
  },
};
const CLIENT_FACTS = {
  type: ["object", "null"],
  properties: { uid: { type: "string" }, groups: NAMES, session: SESSION },
};
const PRESENCE = {
  type: "object",
  properties: {
    users: COUNT,
    tabs: COUNT,
    guests: COUNT,
    members: { type: "array", items: { type: "object" } },
    next: { type: "string" },
  },
};

/** Every question: adding one is adding an entry. */
export const QUESTIONS: readonly Question[] = [
  {
    name: "online",
    subject: UID,
    summary: "Whether a uid has clients",
    schema: BOOLEAN,
    ask: (cluster, options, uid = "") => cluster.isUidOnline(uid, options),
  },
  {
    name: "uid",
    subject: UID,
    summary: "The ids of a uid's clients",
    schema: NAMES,
    ask: (cluster, options, uid = "") => cluster.getClientIdByUid(uid, options),
  },
  {
    name: "client",
    subject: CLIENT,
    summary: "The uid, groups and session of a client; null if it is gone",
    schema: CLIENT_FACTS,
    ask: (cluster, _options, clientId = "") => clientFacts(cluster, clientId),
  },
  {
    name: "count",
    subject: ANY_GROUP,
    summary: "How many clients are connected, or in a group",
    schema: COUNT,
    ask: (cluster, options, group) =>
      group === undefined
        ? cluster.getAllClientIdCount(options)
        : cluster.getClientIdCountByGroup(group, options),
  },
  {
    name: "clients",
    subject: ANY_GROUP,
    summary: "The ids of all clients, or of a group's members",
    schema: NAMES,
    ask: (cluster, options, group) =>
      group === undefined
        ? cluster.getAllClientIdList(options)
        : cluster.getClientIdListByGroup(group, options),
  },
  {
    name: "sessions",
    subject: ANY_GROUP,
    summary: "The sessions of all clients, or of a group's members",
    schema: SESSIONS,
    ask: (cluster, options, group) =>
      group === undefined
        ? cluster.getAllClientSessions(options)
        : cluster.getClientSessionsByGroup(group, options),
  },
  {
    name: "uids",
    subject: ANY_GROUP,
    summary: "The uids that have clients, or that are in a group",
    schema: NAMES,
    ask: (cluster, options, group) =>
      group === undefined
        ? cluster.getAllUidList(options)
        : cluster.getUidListByGroup(group, options),
  },
  {
    name: "presence",
    subject: { name: "group", isRequired: true },
    summary:
      "The users in a group, each with tabs, away and state; the first 100",
    schema: PRESENCE,
    ask: (cluster, options, group = "") => cluster.presence(group, options),
  },
  {
    name: "groups",
    summary: "All groups, and how many members each has",
    schema: COUNTS,
    ask: (cluster, options) => cluster.getAllGroupClientIdCount(options),
  },
  {
    name: "refusals",
    summary: "Who may not come in, until when, and why",
    schema: REFUSALS,
    ask: (cluster, options) => cluster.refusals(options),
  },
];

async function clientFacts(
  cluster: Cluster,
  clientId: string,
): Promise<unknown> {
  const [uid, groups, session] = await Promise.all([
    cluster.getUidByClientId(clientId),
    cluster.getGroupsByClientId(clientId),
    cluster.getSession(clientId),
  ]);
  if (session === undefined) return null;
  return { ...(uid === undefined ? {} : { uid }), groups, session };
}
