import { VERSION } from "../base/version.ts";
import type { Question } from "./question.ts";
import { ALLOW_SCHEMA, CLOSE_SCHEMA, REFUSE_SCHEMA } from "./refusal_order.ts";
import { DEFAULT_TAP_RATE } from "./tap_route.ts";
import { SEND_SCHEMA } from "./send_order.ts";
import { ANSWERS_SCHEMA, ASK_SCHEMA, NOTIFY_SCHEMA } from "./typed_order.ts";

/** A part of an OpenAPI document. */
type Node = Readonly<Record<string, unknown>>;

const ERROR_SCHEMA: Node = {
  type: "object",
  required: ["error"],
  properties: {
    error: { type: "string" },
    partial: { description: "What the other gateways answered" },
    gateways: { type: "array", items: { type: "string" } },
  },
};

const ERRORS: Node = {
  400: errorOf("The request is wrong; nothing was sent"),
  401: errorOf("The token is missing or wrong"),
  503: errorOf("The gateways are not known, or not linked"),
  504: errorOf("Some gateways did not answer in time"),
};

/** Describes the API over HTTP as an OpenAPI 3.1 document. */
export function describeApi(questions: readonly Question[]): Node {
  const paths: Record<string, Node> = {
    "/api/send": { post: SEND },
    "/api/notify": { post: NOTIFY },
    "/api/ask": { post: ASK },
    "/api/close": { post: CLOSE },
    "/api/refuse": { post: REFUSE },
    "/api/allow": { post: ALLOW },
    "/api/tap": { get: TAP },
  };
  for (const question of questions) {
    paths[`/api/${question.name}`] = { get: describeQuestion(question) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "gatewayworker",
      description: "Pushes into a cluster, and asks who is there.",
      version: VERSION,
      license: { name: "MIT", identifier: "MIT" },
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: {
        Send: SEND_SCHEMA,
        Notify: NOTIFY_SCHEMA,
        Ask: ASK_SCHEMA,
        Answers: ANSWERS_SCHEMA,
        Close: CLOSE_SCHEMA,
        Refuse: REFUSE_SCHEMA,
        Allow: ALLOW_SCHEMA,
        Error: ERROR_SCHEMA,
      },
    },
  };
}

const BODY_ERRORS: Node = {
  408: errorOf("The body took too long"),
  413: errorOf("The body is too long"),
  415: errorOf("The body is not of JSON"),
};

const REACHED: Node = {
  type: "object",
  required: ["reached"],
  properties: { reached: { type: "integer", minimum: 0 } },
};

const NOTIFY = order(
  "notify",
  "Tells clients that speak gatewayworker.v1 an event by its name",
  {
    200: { description: "Told", ...json(REACHED) },
  },
);

const ASK = order(
  "ask",
  "Asks clients that speak gatewayworker.v1, and waits for answers",
  {
    200: {
      description: "What they answered, and who did not",
      ...json({ $ref: "#/components/schemas/Answers" }),
    },
  },
);

const CLOSED: Node = {
  type: "object",
  required: ["closed"],
  properties: { closed: { type: "integer", minimum: 0 } },
};

const CLOSE = order("close", "Closes a client, or all clients of a uid", {
  200: { description: "How many were there", ...json(CLOSED) },
});

const REFUSE = order(
  "refuse",
  "Refuses a uid, a range of addresses or a session until it ends",
  {
    200: { description: "How many were closed", ...json(CLOSED) },
  },
);

const ALLOW = order("allow", "Takes a refusal back", {
  200: {
    description: "Whether it was refused",
    ...json({
      type: "object",
      required: ["wasRefused"],
      properties: { wasRefused: { type: "boolean" } },
    }),
  },
});

const SEND = order(
  "send",
  "Sends a message to everybody, to clients, uids or groups",
  {
    200: {
      description: "Sent",
      ...json(REACHED),
    },
    202: {
      description: "Sent, and not confirmed",
      ...json({ type: "object" }),
    },
  },
);

const TAP: Node = {
  operationId: "tap",
  summary:
    "Shows frames of one uid, client or group as they pass, for as long as the answer is read",
  parameters: [
    ...["uid", "client", "group"].map((name) =>
      parameter(name, false, { type: "string" })
    ),
    parameter("payload", false, { type: "boolean", default: false }),
    parameter("rate", false, { type: "integer", default: DEFAULT_TAP_RATE }),
    parameter("by", false, { type: "string" }),
  ],
  responses: {
    200: {
      description: "A line of JSON for each frame, and empty lines between",
      content: { "application/x-ndjson": { schema: { type: "string" } } },
    },
    ...ERRORS,
  },
};

/** An order: what its body is has the same name, with a capital. */
function order(name: string, summary: string, responses: Node): Node {
  const schema = name[0]?.toUpperCase() + name.slice(1);
  return {
    operationId: name,
    summary,
    requestBody: {
      required: true,
      ...json({ $ref: `#/components/schemas/${schema}` }),
    },
    responses: { ...responses, ...ERRORS, ...BODY_ERRORS },
  };
}

function describeQuestion({ name, subject, summary, schema }: Question): Node {
  const partial = parameter("partial", false, { type: "boolean" });
  return {
    operationId: name,
    summary,
    parameters: subject === undefined ? [partial] : [
      parameter(subject.name, subject.isRequired, { type: "string" }),
      partial,
    ],
    responses: {
      200: {
        description: summary,
        ...json({
          type: "object",
          required: [name],
          properties: { [name]: schema },
        }),
      },
      ...ERRORS,
    },
  };
}

function parameter(name: string, required: boolean, schema: Node): Node {
  return { name, in: "query", required, schema };
}

function errorOf(description: string): Node {
  return { description, ...json({ $ref: "#/components/schemas/Error" }) };
}

function json(schema: Node): Node {
  return { content: { "application/json": { schema } } };
}
