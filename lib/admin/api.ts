/**
 * The cluster API over HTTP: a `POST` for each order, as `/api/send`, a `GET` for each question, and the
 * document that describes them.
 *
 * @module
 */
import {
  LinkClosedError,
  messageOf,
  PartialResultError,
  QueryTimeoutError,
} from "../base/errors.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { describeApi } from "./openapi.ts";
import { type Question, QUESTIONS } from "./question.ts";
import { allowAsSaid, closeAsSaid, refuseAsSaid } from "./refusal_order.ts";
import { readJson } from "./request_body.ts";
import { errorResponse, jsonResponse, type Route } from "./router.ts";
import { carryOut, readSendOrder } from "./send_order.ts";
import { toJson } from "./to_json.ts";
import { askAll, notifyAll, readTypedOrder } from "./typed_order.ts";

/** Returns the routes over a cluster, which is asked for with each request. */
export function apiRoutes(getCluster: () => Promise<Cluster>): Route[] {
  return [
    {
      method: "GET",
      path: "/api/openapi.json",
      openTo: "anybody",
      answer: () => jsonResponse(200, describeApi(QUESTIONS)),
    },
    {
      method: "POST",
      path: "/api/send",
      answer: async (request) => await send(await getCluster(), request),
    },
    {
      method: "POST",
      path: "/api/notify",
      answer: async (request) => await notify(await getCluster(), request),
    },
    {
      method: "POST",
      path: "/api/ask",
      answer: async (request) => await askClients(await getCluster(), request),
    },
    order(getCluster, "close", async (cluster, json) => ({
      closed: await closeAsSaid(cluster, json),
    })),
    order(getCluster, "refuse", async (cluster, json) => ({
      closed: await refuseAsSaid(cluster, json),
    })),
    order(getCluster, "allow", async (cluster, json) => ({
      wasRefused: await allowAsSaid(cluster, json),
    })),
    ...QUESTIONS.map((question): Route => ({
      method: "GET",
      path: `/api/${question.name}`,
      answer: async (_request, url) =>
        await ask(await getCluster(), question, url),
    })),
  ];
}

/** A route that does what a body of JSON says. */
function order(
  getCluster: () => Promise<Cluster>,
  name: string,
  act: (cluster: Cluster, json: unknown) => Promise<Record<string, unknown>>,
): Route {
  return {
    method: "POST",
    path: `/api/${name}`,
    answer: async (request) => {
      const json = await readJson(request);
      if (json instanceof Response) return json;
      return jsonResponse(200, await act(await getCluster(), json));
    },
  };
}

/** Turns what a call has thrown into a response; `undefined` if it is none of these. */
export function toResponse(error: unknown): Response | undefined {
  if (error instanceof TypeError || error instanceof RangeError) {
    return errorResponse(400, error.message);
  }
  if (error instanceof PartialResultError) {
    const { partial, gateways } = error;
    return errorResponse(504, error.message, {
      fields: { partial: toJson(partial), gateways },
    });
  }
  if (error instanceof QueryTimeoutError) {
    return errorResponse(504, error.message);
  }
  if (error instanceof LinkClosedError) {
    return errorResponse(503, messageOf(error));
  }
  return undefined;
}

async function send(cluster: Cluster, request: Request): Promise<Response> {
  const json = await readJson(request);
  if (json instanceof Response) return json;
  const reached = await carryOut(cluster, readSendOrder(json));
  return reached === undefined
    ? jsonResponse(202, {})
    : jsonResponse(200, { reached });
}

async function notify(cluster: Cluster, request: Request): Promise<Response> {
  const json = await readJson(request);
  if (json instanceof Response) return json;
  const reached = await notifyAll(cluster, readTypedOrder("notify", json));
  return jsonResponse(200, { reached });
}

async function askClients(
  cluster: Cluster,
  request: Request,
): Promise<Response> {
  const json = await readJson(request);
  if (json instanceof Response) return json;
  const answers = await askAll(cluster, readTypedOrder("ask", json));
  return jsonResponse(200, toJson(answers) as Record<string, unknown>);
}

function readPartial(name: string, given: string | null): boolean {
  if (given === null || given === "false") return false;
  if (given === "true") return true;
  throw new TypeError(
    `Cannot ask ${name} as partial must be true or false: found "${given}"`,
  );
}

async function ask(
  cluster: Cluster,
  { name, subject, ask }: Question,
  { searchParams }: URL,
): Promise<Response> {
  const known = ["partial", ...subject === undefined ? [] : [subject.name]];
  for (const parameter of searchParams.keys()) {
    if (known.includes(parameter)) continue;
    throw new TypeError(
      `Cannot ask ${name} as its parameters are ${
        known.join(", ")
      }: found "${parameter}"`,
    );
  }
  for (const parameter of known) {
    if (searchParams.getAll(parameter).length < 2) continue;
    throw new TypeError(
      `Cannot ask ${name} about more than one "${parameter}": ask once for each`,
    );
  }
  const about = subject && (searchParams.get(subject.name) ?? undefined);
  if (subject?.isRequired && about === undefined) {
    throw new TypeError(`Cannot ask ${name} as "${subject.name}" is missing`);
  }
  const partial = readPartial(name, searchParams.get("partial"));
  const answer = await ask(cluster, { partial }, about);
  return jsonResponse(200, { [name]: toJson(answer) });
}
