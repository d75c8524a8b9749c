/** A dashboard that is served, with a cluster behind it that a test makes up. @module */

import { RouteServer } from "../../lib/admin/route_server.ts";
import type { AskedCluster } from "../../lib/dashboard/client_routes.ts";
import { ClusterWatch } from "../../lib/dashboard/cluster_watch.ts";
import { dashboardRoutes } from "../../lib/dashboard/dashboard_routes.ts";
import type { ClusterReport } from "../../lib/observe/report.ts";

/** A cluster of one gateway. */
export const CLUSTER: ClusterReport = {
  registers: [],
  gateways: [{
    id: "one",
    name: "Gateway",
    address: "127.0.0.1:2000",
    uptime: 1,
    clients: 5,
    events: [{ time: 1, level: "info", text: "Something of Ada" }],
  }],
  workers: [],
};

/** One client of it, Ada, of 30 in the lobby. */
const ADA = {
  id: "7f00000107d000000001",
  remoteAddress: "127.0.0.1:5",
  uid: "ada",
  groups: ["lobby"],
  queued: 0,
  age: 3,
  events: 2,
  worker: null,
};

/** A dashboard that is served, and nothing behind it. */
export class ServedDashboard implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #token: string;
  /** Ids of the clients that were closed. */
  readonly closed: string[] = [];
  /** What the cluster tells; `undefined` while nobody knows. */
  report: ClusterReport | undefined = CLUSTER;
  /** Where it is served. */
  url = "";

  private constructor(token: string) {
    this.#token = token;
  }

  /**
   * Serves one.
   *
   * @param token What it asks for; nothing if empty.
   * @param interval Milliseconds between two looks at the cluster.
   */
  static async open(token: string, interval = 1_000): Promise<ServedDashboard> {
    const served = new ServedDashboard(token);
    const watch = new ClusterWatch(
      () => Promise.resolve(served.report),
      interval,
    );
    const routes = dashboardRoutes({
      watch,
      hasToken: token !== "",
      cluster: () => Promise.resolve(served.#cluster()),
    });
    const server = await RouteServer.start({
      listen: "127.0.0.1:0",
      token,
      routes,
    });
    served.#stack.use(server);
    served.#stack.use(watch);
    watch.start();
    served.url = `http://127.0.0.1:${server.addr.port}`;
    return served;
  }

  /** Asks with the token. */
  async get(path: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#token}` };
    return await fetch(this.url + path, { headers });
  }

  /** Asks for something to be done. */
  async post(path: string, body: unknown, token = ""): Promise<Response> {
    return await fetch(this.url + path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${token}`,
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  #cluster(): AskedCluster {
    const nobody = { total: 0, rows: [] };
    return {
      connections: (_limit, subject) =>
        Promise.resolve(
          subject === "ada" || subject === ADA.id
            ? { total: 1, rows: [ADA] }
            : nobody,
        ),
      connectionsInGroup: (group) =>
        Promise.resolve(
          group === "lobby" ? { total: 30, rows: [ADA] } : nobody,
        ),
      busiest: () =>
        Promise.resolve({
          groups: [{ name: "lobby", clients: 30, events: 0 }],
          uids: [{ name: "ada", clients: 1, events: 2 }],
        }),
      getSession: () => Promise.resolve({ nickname: "secret" }),
      closeClient: (id: string) => {
        this.closed.push(id);
        return Promise.resolve(true);
      },
    };
  }
}
