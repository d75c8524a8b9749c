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
import { writeAnswer } from "./write_answer.ts";

const logger = roomLogger("admin");

/** Most connections; when there are more, the one that asks nothing for longest goes. */
const MAX_CONNECTIONS = 128;

/** Connections on top that may be on their way out. */
const ENDING_CONNECTIONS = 64;

/** Requests of one connection that may be under way; who sends more at once is cut off. */
const MAX_PIPELINED = 8;

/** Milliseconds that the head of a request may take. */
const HEAD_TIMEOUT = 10_000;

/** Milliseconds that a whole request may take. */
const REQUEST_TIMEOUT = 40_000;

/** Milliseconds that a connection may be open and not ask anything. */
const IDLE_TIMEOUT = 65_000;

/** Milliseconds that the end waits for answers that are under way. */
const STOP_TIMEOUT = 2_000;

/** Milliseconds that an answer may wait for its reader to take any more of it. */
const UNREAD_TIMEOUT = 30_000;

/** Answers a request; what it throws becomes a 500. */
export type Answer = (request: Request) => Promise<Response>;

/** Options for {@linkcode HttpServer.listen}. */
export interface HttpServerOptions {
  /**
   * Milliseconds after which a connection ends whose reader takes nothing more of an
   * answer.
   *
   * @default {30_000}
   */
  readonly unreadTimeout?: number;
}

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
  readonly #unreadTimeout: number;
  readonly #sockets = new Set<Socket>();
  /** Those that have no answer under way, the first for longest. */
  readonly #idle = new Set<Socket>();
  /** How many answers of a connection are under way. */
  readonly #underWay = new Map<Socket, number>();
  #address: Deno.NetAddr | undefined;
  #isStopping = false;

  private constructor(
    answer: Answer,
    { unreadTimeout = UNREAD_TIMEOUT }: HttpServerOptions,
  ) {
    this.#answer = answer;
    this.#unreadTimeout = unreadTimeout;
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
   * @param options How patient it is.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  static async listen(
    address: { readonly hostname: string; readonly port: number },
    answer: Answer,
    options: HttpServerOptions = {},
  ): Promise<HttpServer> {
    const http = new HttpServer(answer, options);
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
      this.#underWay.delete(socket);
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
    if (!this.#begin(socket)) return;
    outgoing.on("close", () => this.#end(socket));
    try {
      const response = await this.#respond(incoming);
      const isHead = incoming.method === "HEAD";
      await writeAnswer(
        outgoing,
        isHead ? await headOf(response) : response,
        this.#unreadTimeout,
      );
    } catch {
      // It could not be had, or is not read: it breaks off, and whoever asked sees that.
      socket.destroy();
    }
  }

  /** Counts an answer in; returns whether there is one to be. */
  #begin(socket: Socket): boolean {
    const underWay = (this.#underWay.get(socket) ?? 0) + 1;
    if (underWay > MAX_PIPELINED) this.#drop(socket);
    if (!this.#sockets.has(socket)) return false;
    this.#idle.delete(socket);
    this.#underWay.set(socket, underWay);
    return true;
  }

  /** Counts it out. */
  #end(socket: Socket): void {
    if (this.#isStopping) socket.end();
    const underWay = (this.#underWay.get(socket) ?? 1) - 1;
    this.#underWay.set(socket, underWay);
    if (underWay > 0) return;
    this.#underWay.delete(socket);
    if (this.#sockets.has(socket)) this.#idle.add(socket);
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

/** Whoever asks for the head alone must not be told all else for ever. */
async function headOf(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
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
