import type { SubprotocolLog } from "../admission/subprotocol_log.ts";
import type { Keeper, Refusal } from "../connection.ts";
import type { HttpRoutes } from "../http/http_routes.ts";
import type { Visits } from "../http/visit.ts";
import type { MessageContext } from "../socket/message_context.ts";
import type { SharedDeflate } from "./deflate/websocket_deflate.ts";
import type { HandshakeRules } from "./websocket_handshake.ts";

/** What the sockets of one listener share if they speak WebSocket. */
export interface WebSocketContext extends MessageContext {
  /** Milliseconds within which `onRequest` must have decided. */
  readonly authorizeTimeout: number;
  /** What a handshake must be like. */
  readonly rules: HandshakeRules;
  /** What is answered to requests that are none for WebSocket. */
  readonly routes: HttpRoutes;
  /** Takes requests that are more than that; `undefined` if nobody does. */
  readonly visits: Visits | undefined;
  /** Says that clients ask for sub-protocols that are not spoken. */
  readonly subprotocolLog: SubprotocolLog;
  /** Has sessions outlive their sockets; `undefined` if none does. */
  readonly keeper: Keeper | undefined;
  /** Why a client may not stay, with those of its address who are away. */
  whyNotStay(remoteAddress: string): Refusal | undefined;
  /** Compresses messages; `undefined` if nothing does. */
  readonly deflate: SharedDeflate | undefined;
}
