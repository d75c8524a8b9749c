import type { Role } from "../base/role.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { apiRoutes } from "./api.ts";
import { RouteServer } from "./route_server.ts";

/** Options for {@linkcode AdminServer.start}. */
export interface AdminServerOptions {
  /** What is asked and sent to: a worker's `cluster`, or a `GatewayClient`. */
  readonly cluster: Cluster;
  /**
   * Where to listen, `host:port`; port 0 for any free one.
   *
   * @default {"127.0.0.1:8484"}
   */
  readonly listen?: string;
  /**
   * What requests must carry as `Authorization: Bearer …`. Without one, only
   * loopback addresses are listened on, and what clients own is neither shown nor
   * changed: `/api` answers 403.
   *
   * @default {""}
   */
  readonly token?: string;
  /** Shuts the server down when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Lets programs in any language push into a cluster and ask it, over HTTP with JSON.
 * The OpenAPI document at `/api/openapi.json` says how.
 */
export class AdminServer implements Role {
  readonly #server: RouteServer;

  private constructor(server: RouteServer) {
    this.#server = server;
  }

  /**
   * Starts to listen.
   *
   * @param options What to serve, where, to whom.
   * @returns The server, when it can be asked.
   * @throws {TypeError} If the address is none, or is open to a network without a token.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  static async start(options: AdminServerOptions): Promise<AdminServer> {
    const { cluster, listen = "127.0.0.1:8484", token, signal } = options;
    const routes = apiRoutes(() => Promise.resolve(cluster));
    return new AdminServer(
      await RouteServer.start({ routes, listen, token, signal }),
    );
  }

  /** Where it listens; port 0 has become a real one. */
  get addr(): Deno.NetAddr {
    return this.#server.addr;
  }

  /** Resolves when the server has ended. */
  get finished(): Promise<void> {
    return this.#server.finished;
  }

  /**
   * Takes no new requests, answers those that are there if that takes no longer than
   * two seconds, then ends. Safe to call twice.
   */
  shutdown(): Promise<void> {
    return this.#server.shutdown();
  }

  /** The same as {@linkcode AdminServer.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
