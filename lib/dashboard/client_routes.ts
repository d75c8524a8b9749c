import { readJson } from "../admin/request_body.ts";
import { jsonResponse, type Route } from "../admin/router.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type {
  BusyNames,
  ConnectionList,
} from "../wire/bodies/connection_list.ts";

/** Most clients that one look-up shows. */
const MAX_CLIENTS = 20;

/** Most session keys that are shown of a client. */
const MAX_KEYS = 50;

/** Groups and uids that are shown. */
const BUSIEST = 10;

/** What the page asks the gateways, through the cluster API. */
export interface AskedCluster extends
  Pick<
    Cluster,
    "closeClient" | "getSession"
  > {
  /** Finds clients, by id or uid. */
  connections(limit: number, subject: string): Promise<ConnectionList>;
  /** Finds members of a group. */
  connectionsInGroup(group: string, limit: number): Promise<ConnectionList>;
  /** Finds the biggest groups and busiest uids. */
  busiest(limit: number): Promise<BusyNames>;
}

/** Who knows the clients. */
export interface ClientSource {
  /** Returns the cluster. */
  cluster(): Promise<AskedCluster>;
}

/** Returns the routes that show single clients, and close them: for the token only. */
export function clientRoutes(source: ClientSource): Route[] {
  return [
    {
      method: "GET",
      path: "/lookup",
      answer: (_request, url) => lookUp(source, url),
    },
    {
      method: "GET",
      path: "/busiest",
      answer: async () => {
        const cluster = await source.cluster();
        return jsonResponse(200, await cluster.busiest(BUSIEST));
      },
    },
    {
      method: "POST",
      path: "/close",
      answer: (request) => close(source, request),
    },
  ];
}

async function lookUp(source: ClientSource, url: URL): Promise<Response> {
  const subject = url.searchParams.get("subject") ?? "";
  const group = url.searchParams.get("group") ?? "";
  if (subject === "" && group === "") {
    throw new TypeError(
      'Cannot look up a client as "subject" or "group" must be there',
    );
  }
  const cluster = await source.cluster();
  const { total, rows } = group === ""
    ? await cluster.connections(MAX_CLIENTS, subject)
    : await cluster.connectionsInGroup(group, MAX_CLIENTS);
  const clients = rows.map(async (row) => {
    const session = await cluster.getSession(row.id);
    const sessionKeys = Object.keys(session ?? {}).slice(0, MAX_KEYS);
    return { ...row, sessionKeys };
  });
  return jsonResponse(200, { total, clients: await Promise.all(clients) });
}

async function close(
  { cluster }: ClientSource,
  request: Request,
): Promise<Response> {
  const json = await readJson(request);
  if (json instanceof Response) return json;
  const id = typeof json === "object" && json !== null && "id" in json
    ? json.id
    : undefined;
  if (typeof id !== "string") {
    throw new TypeError('Cannot close a client as "id" must be a text');
  }
  const asked = await cluster();
  return jsonResponse(200, { closed: await asked.closeClient(id) });
}
