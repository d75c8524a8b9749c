import { networkOf } from "../base/ip_address.ts";

/** Those of one network, the one that came first in front. */
type Neighbors<Stranger> = Set<Stranger>;

/**
 * Who has connected and not yet shown who it is. When there is no room for one more,
 * whoever looks after them asks here who has to go: of the network that has most, the
 * one that came first. So a machine that opens connections by the thousand takes
 * room from itself, and a node from elsewhere comes in.
 *
 * @typeParam Stranger Whatever stands for a connection; compared by identity.
 */
export class Strangers<Stranger> {
  readonly #networks = new Map<string, Neighbors<Stranger>>();
  /** The networks by how many of their strangers are here, so that the fullest is found at once. */
  readonly #bySize = new Map<number, Set<string>>();
  #most = 0;
  #size = 0;

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Takes one in. */
  add(hostname: string, stranger: Stranger): void {
    const network = networkOf(hostname);
    const neighbors = this.#networks.get(network) ?? new Set();
    if (neighbors.has(stranger)) return;
    neighbors.add(stranger);
    this.#networks.set(network, neighbors);
    this.#size++;
    this.#move(network, neighbors.size - 1, neighbors.size);
  }

  /** Forgets one, who has gone or is no stranger any more. Does nothing if it is not here. */
  delete(hostname: string, stranger: Stranger): void {
    const network = networkOf(hostname);
    const neighbors = this.#networks.get(network);
    if (!neighbors?.delete(stranger)) return;
    if (neighbors.size === 0) this.#networks.delete(network);
    this.#size--;
    this.#move(network, neighbors.size + 1, neighbors.size);
  }

  /** Forgets, and returns, the one who has to go; `undefined` if nobody is here. */
  evict(): Stranger | undefined {
    const [network] = this.#bySize.get(this.#most) ?? [];
    if (network === undefined) return undefined;
    const [oldest] = this.#networks.get(network) ?? [];
    if (oldest !== undefined) this.delete(network, oldest);
    return oldest;
  }

  #move(network: string, from: number, to: number): void {
    const left = this.#bySize.get(from);
    left?.delete(network);
    if (left?.size === 0) this.#bySize.delete(from);
    if (to > 0) {
      const joined = this.#bySize.get(to) ?? new Set();
      this.#bySize.set(to, joined.add(network));
    }
    if (to > this.#most || !this.#bySize.has(this.#most)) this.#most = to;
  }
}
