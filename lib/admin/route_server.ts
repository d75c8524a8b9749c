import { parseAddress } from "../base/address.ts";
import type { Role } from "../base/role.ts";
import { roomLogger } from "../observe/logger.ts";
import { ThrownLog } from "../observe/thrown_log.ts";
import { Access } from "./access.ts";
import { toResponse } from "./api.ts";
import { HttpServer } from "./http_server.ts";
import { errorResponse, type Route, Router } from "./router.ts";

const thrown = new ThrownLog(roomLogger("admin"));

/** Options for {@linkcode RouteServer.start}. */
export interface RouteServerOptions {
  /** What can be asked. */
  readonly routes: readonly Route[];
  /** Where to listen, `host:port`; port 0 for any free one. */
  readonly listen: string;
  /**
   * What requests must carry; empty for nothing, which only loopback addresses allow.
   *
   * @default {""}
   */
  readonly token?: string | undefined;
  /** Shuts the server down when aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** Answers over HTTP what its routes have, to whoever may ask. */
export class RouteServer implements Role {
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
  static async start(
    { routes, listen, token = "", signal }: RouteServerOptions,
  ): Promise<RouteServer> {
    const address = parseAddress(listen);
    const access = new Access(token, address.hostname);
    const answers = new Answers(new Router(routes), access);
    const answer = (request: Request) => answers.answer(request);
    return new RouteServer(await HttpServer.listen(address, answer), signal);
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

  /** The same as {@linkcode RouteServer.shutdown}. */
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
