import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Socket } from "node:net";
import { formatAddress } from "../base/address.ts";
import { messageOf } from "../base/errors.ts";
import { endsWithin } from "../base/pause.ts";
import { roomLogger } from "../observe/logger.ts";
import { toRequest } from "./http_request.ts";
import { errorResponse } from "./router.ts";

const logger = roomLogger("admin");

/** Most connections; when there are more, the one that asks nothing for longest goes. */
const MAX_CONNECTIONS = 128;

/** Connections on top that may be on their way out. */
const ENDING_CONNECTIONS = 64;

/** Milliseconds that the head of a request may take. */
const HEAD_TIMEOUT = 10_000;

/** Milliseconds that a whole request may take. */
const REQUEST_TIMEOUT = 40_000;

/** Milliseconds that a connection may be open and not ask anything. */
const IDLE_TIMEOUT = 65_000;

/** Milliseconds that the end waits for answers that are under way. */
const STOP_TIMEOUT = 2_000;

/** Answers a request; what it throws becomes a 500. */
export type Answer = (request: Request) => Promise<Response>;

/**
 * HTTP on one address, for people and programs that may be anybody: the number of
 * connections is bounded, and whatever is half done has an end.
 *
 * Not `Deno.serve`, which takes every connection, waits for every request for ever,
 * and ends the process when there are no file descriptors left.
 */
export class HttpServer {
  /** Resolves when it has ended. */
  readonly finished: Promise<void>;
  readonly #finished = Promise.withResolvers<void>();
  readonly #server: Server;
  readonly #answer: Answer;
  readonly #sockets = new Set<Socket>();
  /** Those that have no answer under way, the first for longest. */
  readonly #idle = new Set<Socket>();
  #address: Deno.NetAddr | undefined;
  #isStopping = false;

  private constructor(answer: Answer) {
    this.#answer = answer;
    this.finished = this.#finished.promise;
    this.#server = createServer({
      headersTimeout: HEAD_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      keepAliveTimeout: IDLE_TIMEOUT,
      connectionsCheckingInterval: 1_000,
    }, (request, response) => void this.#serve(request, response));
    this.#server.maxConnections = MAX_CONNECTIONS + ENDING_CONNECTIONS;
    this.#server.on("connection", (socket: Socket) => this.#admit(socket));
  }

  /**
   * Begins to listen.
   *
   * @param address Where; port 0 for any free one.
   * @param answer Answers what is asked.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  static async listen(
    address: { readonly hostname: string; readonly port: number },
    answer: Answer,
  ): Promise<HttpServer> {
    const http = new HttpServer(answer);
    await http.#listen(address);
    return http;
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    return this.#address as Deno.NetAddr;
  }

  /**
   * Takes no new requests, waits a while for the answers that are under way, then
   * ends all connections. Safe to call twice.
   */
  shutdown(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#stop().then(this.#finished.resolve, this.#finished.reject);
    }
    return this.finished;
  }

  async #listen({ hostname, port }: Parameters<typeof HttpServer.listen>[0]) {
    const listening = Promise.withResolvers<void>();
    this.#server.once("error", listening.reject);
    this.#server.listen(port, hostname, listening.resolve);
    try {
      await listening.promise;
    } catch (error) {
      throw toDenoError(error, formatAddress({ hostname, port }));
    }
    this.#server.on("error", (error) => {
      logger.warn("Admin server: {reason}", { reason: messageOf(error) });
    });
    const bound = this.#server.address();
    if (bound === null || typeof bound === "string") return;
    this.#address = {
      transport: "tcp",
      hostname: bound.address,
      port: bound.port,
    };
  }

  #admit(socket: Socket): void {
    this.#sockets.add(socket);
    this.#idle.add(socket);
    socket.on("error", () => {
      // Whoever asked has left in the middle: nobody is to be told.
    });
    socket.on("close", () => {
      this.#sockets.delete(socket);
      this.#idle.delete(socket);
    });
    if (this.#sockets.size <= MAX_CONNECTIONS) return;
    const [longest = socket] = this.#idle;
    this.#drop(longest);
  }

  #drop(socket: Socket): void {
    this.#sockets.delete(socket);
    this.#idle.delete(socket);
    socket.destroy();
  }

  async #serve(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const { socket } = incoming;
    this.#idle.delete(socket);
    outgoing.on("close", () => {
      if (this.#isStopping) socket.end();
      if (this.#sockets.has(socket)) this.#idle.add(socket);
    });
    try {
      await write(await this.#respond(incoming), incoming.method, outgoing);
    } catch {
      // The answer breaks off, and whoever asked sees that it does.
      socket.destroy();
    }
  }

  async #respond(incoming: IncomingMessage): Promise<Response> {
    let request: Request;
    try {
      request = toRequest(incoming, formatAddress(this.addr));
    } catch (error) {
      return errorResponse(400, messageOf(error));
    }
    return await this.#answer(request);
  }

  async #stop(): Promise<void> {
    const closed = new Promise<void>((resolve) =>
      this.#server.close(() => resolve())
    );
    for (const socket of [...this.#idle]) this.#drop(socket);
    if (await endsWithin(closed, STOP_TIMEOUT)) return;
    for (const socket of [...this.#sockets]) this.#drop(socket);
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Writes a response as fast as it is read, until it ends or its reader is gone. */
async function write(
  response: Response,
  method: string | undefined,
  outgoing: ServerResponse,
): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null || method === "HEAD") {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  const reader = response.body.getReader();
  let wake = () => {};
  outgoing.on("drain", () => wake());
  outgoing.on("close", () => {
    wake();
    // It has ended already, or nobody hears what goes wrong with the rest.
    reader.cancel().catch(() => {});
  });
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (outgoing.write(part.value) || outgoing.destroyed) continue;
    await new Promise<void>((resolve) => wake = resolve);
  }
  outgoing.end();
}

function toDenoError(error: unknown, address: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : "";
  const message = `Cannot listen on ${address}: ${messageOf(error)}`;
  switch (code) {
    case "EADDRINUSE":
      return new Deno.errors.AddrInUse(message);
    case "EADDRNOTAVAIL":
      return new Deno.errors.AddrNotAvailable(message);
    case "EACCES":
      return new Deno.errors.PermissionDenied(message);
    default:
      return error;
  }
}
