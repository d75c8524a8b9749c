/**
 * Has a client of the library say of which trace its messages and requests are, so that
 * gateways and workers go on with it.
 *
 * @module
 */
export { tracedSocket, type TracedSocketOptions } from "./traced_socket.ts";
export type { SocketConstructor, SocketLike } from "../line.ts";
