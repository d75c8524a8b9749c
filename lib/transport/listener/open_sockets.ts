import type { ConnectionLimit } from "../admission/connection_limit.ts";
import type { ClientSocket } from "../socket/client_socket.ts";
import { RefusedSocket } from "./refused_socket.ts";

/** The sockets of one listener, counted with those of all that share its limit. */
export class OpenSockets {
  readonly #limit: ConnectionLimit;
  readonly #all = new Set<ClientSocket>();
  readonly #hosts = new Map<ClientSocket, string>();
  /** Those among them that are told why they may not come in. */
  refused = 0;

  /** @param limit Counts all clients. */
  constructor(limit: ConnectionLimit) {
    this.#limit = limit;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** All of them. */
  [Symbol.iterator](): Iterator<ClientSocket> {
    return this.#all.values();
  }

  /** Takes in a client, or one that is refused. */
  add(socket: ClientSocket): void {
    this.#all.add(socket);
    if (socket instanceof RefusedSocket) this.refused++;
    else this.#limit.connections++;
  }

  /** Notes where a client comes from; returns whether there may be one more of there. */
  enterFrom(socket: ClientSocket, host: string): boolean {
    if (!this.#limit.enterFrom(host)) return false;
    if (this.#limit.maxPerAddress < Infinity) this.#hosts.set(socket, host);
    return true;
  }

  /** Forgets one that is gone. */
  delete(socket: ClientSocket): void {
    this.#all.delete(socket);
    if (socket instanceof RefusedSocket) this.refused--;
    else this.#limit.connections--;
    const host = this.#hosts.get(socket);
    if (host !== undefined) this.#limit.leaveFrom(host);
    this.#hosts.delete(socket);
  }
}
