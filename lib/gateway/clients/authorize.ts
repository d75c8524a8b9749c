import { describe } from "../../base/describe.ts";
import type { ClientRequest } from "../../wire/bodies/client_request.ts";
import type { Labels } from "../../wire/bodies/labels.ts";
import type { Session } from "../../wire/bodies/session.ts";
import { isPlainMap } from "../../wire/bodies/session_value.ts";
import type { Refusal } from "../../transport/connection.ts";
import type { GrantedLimits } from "./limits_options.ts";
import { checkStatus } from "./decision.ts";

/** The upgrade request of a WebSocket client that asks to come in. */
export interface AuthorizationRequest extends ClientRequest {
  /** The client's own address, `ip:port`; port 0 if a proxy did not tell it. */
  readonly remoteAddress: string;
  /** Which of the gateway's listeners it came to. */
  readonly listener: number;
  /**
   * What a client of the sub-protocol `gatewayworker.v1` says of itself: any JSON value.
   * Not there for other clients, and for those that say nothing.
   */
  readonly credential?: unknown;
}

/** What a client begins with. */
export interface ClientGrant {
  /** Its uid. */
  readonly uid?: string;
  /** Its groups. */
  readonly groups?: readonly string[];
  /** Its session. */
  readonly session?: Session;
  /**
   * Labels that its worker must have, such as `{ game: "chess" }`, where the gateway's
   * `route` is `label`, whatever the request asks for; a `route` function is told.
   */
  readonly worker?: Labels;
  /**
   * What it may, in place of the gateway's `limits` of a uid, with their policies: for
   * all clients of its uid that were granted the same.
   */
  readonly limits?: GrantedLimits;
  /**
   * When its credential ends, in milliseconds since 1970; never if left out. A client is
   * then closed with 4011, and may come back with another; one of `gatewayworker.v1` is
   * told 30 seconds before, and may show another in time, which is asked about anew. Who
   * comes when it has ended already is answered 401, or closed with 4011.
   */
  readonly expiresAt?: number | Date;
}

/** What was decided on a client that asks to come in. */
export type Authorization =
  | { readonly kind: "accept"; readonly grant: ClientGrant }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/**
 * Decides whether a WebSocket client may come in. To return nothing lets it in with
 * nothing; whatever else is no grant and no refusal, or throws, is answered with 500.
 */
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
 * @param body Text that says why, at most 65,536 characters.
 * @param headers Further headers, such as `WWW-Authenticate`, at most 64. A
 *   `Content-Type` replaces that of plain text. Those that say where the answer ends,
 *   such as `Content-Length`, are the gateway's to say, and left out: so the headers of
 *   another server's answer may be passed on.
 * @returns What an {@linkcode Authorize} function returns.
 * @throws {RangeError} If the status is no such number.
 * @throws {TypeError} If the headers are no plain object.
 */
export function refuse(
  status: number,
  body = "",
  headers: Readonly<Record<string, string>> = {},
): Authorization {
  checkStatus(status);
  if (!isPlainMap(headers)) {
    throw new TypeError(
      `Cannot refuse a client as headers must be a plain object: found ${
        describe(headers)
      }`,
    );
  }
  const refusal = { status, body, headers: Object.entries(headers) };
  return { kind: "refuse", refusal };
}
