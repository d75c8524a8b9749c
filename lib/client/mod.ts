/**
 * The client library: a connection to a gateway that comes back where it left, for
 * browsers, workers, Deno, Node and Bun. It imports nothing, and no API of Deno.
 *
 * @module
 */
export { connect } from "./connect.ts";
export { CallError } from "./call_error.ts";
export type { Client } from "./client.ts";
export type { CoreClient } from "./core_client.ts";
export type { Answerer, Ask, RequestOptions } from "./calls.ts";
export type {
  BackEvent,
  ClientEvents,
  ClientState,
  ClosedEvent,
  FreshEvent,
  GapEvent,
} from "./events.ts";
export type { SocketConstructor, SocketLike } from "./line.ts";
export type { ConnectOptions, SessionStore } from "./options.ts";
export type { Returned } from "./session.ts";
