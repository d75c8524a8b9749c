import { parseAddress } from "../base/address.ts";
import type { Role } from "../base/role.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { roomLogger } from "../observe/logger.ts";
import { ThrownLog } from "../observe/thrown_log.ts";
import { Access } from "./access.ts";
import { apiRoutes, toResponse } from "./api.ts";
import { HttpServer } from "./http_server.ts";
import { LazyCluster } from "./lazy_cluster.ts";
import { errorResponse, type Route, Router } from "./router.ts";

const thrown = new ThrownLog(roomLogger("admin"));

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
   * loopback addresses are listened on, and what clients own is neither shown nor
   * changed: `/api` answers 403.
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
  readonly #server: HttpServer;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.shutdown();

  private constructor(server: HttpServer, signal: AbortSignal | undefined) {
    this.#server = server;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
    if (signal?.aborted) this.#onAbort();
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
    const { listen = "127.0.0.1:8484", token = "", signal } = options;
    const address = parseAddress(listen);
    const answers = new Answers(
      new Router(routesOf(options)),
      new Access(token, address.hostname),
    );
    const answer = (request: Request) => answers.answer(request);
    return new AdminServer(await HttpServer.listen(address, answer), signal);
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
    this.#signal?.removeEventListener("abort", this.#onAbort);
    return this.#server.shutdown();
  }

  /** The same as {@linkcode AdminServer.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}

/** Answers whoever may ask. */
class Answers {
  readonly #router: Router;
  readonly #access: Access;

  constructor(router: Router, access: Access) {
    this.#router = router;
    this.#access = access;
  }

  /** Answers a request; never rejects. */
  async answer(request: Request): Promise<Response> {
    try {
      const url = new URL(request.url);
      const route = this.#router.find(request.method, url.pathname);
      const openTo = route instanceof Response ? "machine" : route.openTo;
      const refusal = this.#access.refuse(request, url, openTo);
      if (refusal !== undefined) return refusal;
      return route instanceof Response
        ? route
        : await route.answer(request, url);
    } catch (error) {
      return toResponse(error) ?? this.#fail(request, error);
    }
  }

  #fail({ method, url }: Request, error: unknown): Response {
    thrown.add({
      kind: "request",
      text:
        "Cannot answer {method} {url}: {reason} ({suppressed} like this before)",
      facts: { method, url },
    }, error);
    return errorResponse(500, "Cannot answer: see the log");
  }
}

function routesOf({ cluster, routes = [] }: AdminServerOptions): Route[] {
  const api = cluster === undefined ? [] : apiRoutes(toGetter(cluster));
  return [...api, ...routes];
}

function toGetter(cluster: Cluster | LazyCluster): () => Promise<Cluster> {
  return cluster instanceof LazyCluster
    ? () => cluster.get()
    : () => Promise.resolve(cluster);
}
