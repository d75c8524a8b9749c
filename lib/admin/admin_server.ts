import { parseAddress } from "../base/address.ts";
import { messageOf } from "../base/errors.ts";
import type { Role } from "../base/role.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { roomLogger } from "../observe/logger.ts";
import { Access } from "./access.ts";
import { apiRoutes, toResponse } from "./api.ts";
import { LazyCluster } from "./lazy_cluster.ts";
import { errorResponse, type Route, Router } from "./router.ts";

const logger = roomLogger("admin");

/** Options for {@linkcode AdminServer.start}. */
export interface AdminServerOptions {
  /**
   * What is asked and sent to: a worker's `cluster`, a `GatewayClient`, or one that
   * is joined when first asked. Without one there is no `/api`.
   */
  readonly cluster?: Cluster | LazyCluster;
  /**
   * Where to listen, `host:port`; port 0 for any free one.
   *
   * @default {"127.0.0.1:8484"}
   */
  readonly listen?: string;
  /**
   * What requests must carry as `Authorization: Bearer …`. Without one, only
   * loopback addresses are listened on.
   *
   * @default {""}
   */
  readonly token?: string;
  /** Further routes. */
  readonly routes?: readonly Route[];
  /** Shuts the server down when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Lets programs in any language push into a cluster and ask it, over HTTP with JSON.
 * The OpenAPI document at `/api/openapi.json` says how.
 */
export class AdminServer implements Role {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #router: Router;
  readonly #access: Access;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.shutdown();
  #stopping: Promise<void> | undefined;

  private constructor(options: AdminServerOptions) {
    const { cluster, listen = "127.0.0.1:8484", token = "", routes = [] } =
      options;
    const address = parseAddress(listen);
    this.#access = new Access(token, address.hostname);
    const api = cluster === undefined ? [] : apiRoutes(toGetter(cluster));
    this.#router = new Router([...api, ...routes]);
    this.#signal = options.signal;
    this.#server = Deno.serve(
      { ...address, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /**
   * Starts to listen.
   *
   * @param options What to serve, where, to whom.
   * @returns The server, when it can be asked.
   * @throws {TypeError} If the address is none, or is open to a network without a token.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  // deno-lint-ignore require-await -- what the constructor throws is a rejection
  static async start(options: AdminServerOptions): Promise<AdminServer> {
    const server = new AdminServer(options);
    options.signal?.addEventListener("abort", server.#onAbort);
    if (options.signal?.aborted) server.#onAbort();
    return server;
  }

  /** Where it listens; port 0 has become a real one. */
  get addr(): Deno.NetAddr {
    return this.#server.addr;
  }

  /** Resolves when the server has ended. */
  get finished(): Promise<void> {
    return this.#server.finished;
  }

  /** Takes no new requests, answers those that are there, then ends. Safe to call twice. */
  shutdown(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#stopping ??= this.#server.shutdown();
    return this.#stopping;
  }

  /** The same as {@linkcode AdminServer.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    try {
      const url = new URL(request.url);
      const route = this.#router.find(request.method, url.pathname);
      const isOpen = !(route instanceof Response) && route.isOpen;
      const refusal = isOpen ? undefined : this.#access.refuse(request, url);
      if (refusal !== undefined) return refusal;
      return route instanceof Response
        ? route
        : await route.answer(request, url);
    } catch (error) {
      return toResponse(error) ?? this.#fail(request, error);
    }
  }

  #fail({ method, url }: Request, error: unknown): Response {
    logger.error("Cannot answer {method} {url}: {reason}", {
      method,
      url,
      reason: messageOf(error),
    });
    return errorResponse(500, "Cannot answer: see the log");
  }
}

function toGetter(cluster: Cluster | LazyCluster): () => Promise<Cluster> {
  return cluster instanceof LazyCluster
    ? () => cluster.get()
    : () => Promise.resolve(cluster);
}
