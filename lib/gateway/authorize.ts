import { messageOf } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import { type ClientRequest, toClientRequest } from "../link/client_request.ts";
import {
  checkSessionLength,
  encodeSession,
  type Session,
} from "../link/session.ts";
import type { Refusal, UpgradeRequest } from "../transport/connection.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";

const logger = roomLogger("gateway");

/** The upgrade request of a WebSocket client that asks to come in. */
export interface AuthorizationRequest extends ClientRequest {
  /** The client's own address, `ip:port`; port 0 if a proxy did not tell it. */
  readonly remoteAddress: string;
  /** Which of the gateway's listeners it came to. */
  readonly listener: number;
}

/** What a client begins with. */
export interface ClientGrant {
  /** Its uid. */
  readonly uid?: string;
  /** Its groups. */
  readonly groups?: readonly string[];
  /** Its session. */
  readonly session?: Session;
}

/** What was decided on a client that asks to come in. */
export type Authorization =
  | { readonly kind: "accept"; readonly grant: ClientGrant }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** Decides whether a WebSocket client may come in; nothing lets it in with nothing. */
export type Authorize = (
  request: AuthorizationRequest,
) => Authorization | void | Promise<Authorization | void>;

/**
 * Lets a client in.
 *
 * @param grant What it begins with, before any event of it reaches a worker.
 * @returns What an {@linkcode Authorize} function returns.
 */
export function accept(grant: ClientGrant = {}): Authorization {
  return { kind: "accept", grant };
}

/**
 * Keeps a client out: it gets an HTTP answer, and no worker ever hears of it.
 *
 * @param status 400 to 599; 401 for who did not say who it is, 403 for who did.
 * @param body Text that says why.
 * @param headers Further headers, such as `WWW-Authenticate`.
 * @returns What an {@linkcode Authorize} function returns.
 * @throws {RangeError} If the status is no such number.
 */
export function refuse(
  status: number,
  body = "",
  headers: Readonly<Record<string, string>> = {},
): Authorization {
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new RangeError(
      `Cannot refuse a client as the status must be 400 to 599: current value is ${status}`,
    );
  }
  const refusal = { status, body, headers: Object.entries(headers) };
  return { kind: "refuse", refusal };
}

/** What a client was granted, ready to be given to it. */
interface Preparation {
  readonly uid: string | undefined;
  readonly groups: readonly string[];
  readonly session: Uint8Array<ArrayBuffer> | undefined;
}

/** Lets clients in, or not, as the user's function says. */
export class Doorkeeper {
  readonly #authorize: Authorize;
  readonly #maxSession: number;
  /** Grants of clients that are about to open. */
  readonly #granted = new WeakMap<Client, Preparation>();

  /** Returns one if there is a function to ask. */
  static of(options: {
    readonly authorize: Authorize | undefined;
    readonly maxSession: number;
  }): Doorkeeper | undefined {
    const { authorize, maxSession } = options;
    if (authorize === undefined) return undefined;
    return new Doorkeeper(authorize, maxSession);
  }

  /**
   * @param authorize The user's function.
   * @param maxSession Most bytes of a session.
   */
  constructor(authorize: Authorize, maxSession: number) {
    this.#authorize = authorize;
    this.#maxSession = maxSession;
  }

  /** Decides on a client; rejects if the function fails, which is logged. */
  async decide(
    client: Client,
    { target, headers }: UpgradeRequest,
    remoteAddress: string,
  ): Promise<Refusal | undefined> {
    const { listener } = client;
    const request = toClientRequest(target, headers);
    try {
      const authorization = await this.#authorize({
        ...request,
        remoteAddress,
        listener,
      });
      if (authorization?.kind === "refuse") return authorization.refusal;
      if (authorization?.kind === "accept") {
        this.#granted.set(client, this.#prepare(authorization.grant));
      }
      return undefined;
    } catch (error) {
      logger.error("Cannot authorize a client, answered 500: {message}", {
        message: messageOf(error),
      });
      throw error;
    }
  }

  /** Gives a client what it was granted, now that it is in the table. */
  settle(client: Client, table: ClientTable): void {
    const granted = this.#granted.get(client);
    if (granted === undefined) return;
    this.#granted.delete(client);
    const { uid, groups, session } = granted;
    if (session !== undefined) client.changeState({ session });
    if (uid !== undefined) table.bindUid(client, uid);
    for (const group of groups) table.joinGroup(client, group);
  }

  #prepare({ uid, groups = [], session = {} }: ClientGrant): Preparation {
    const bytes = encodeSession(session);
    checkSessionLength(bytes?.length ?? 0, this.#maxSession);
    return { uid, groups, session: bytes };
  }
}
