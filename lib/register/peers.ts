import { Strangers } from "../peer/strangers.ts";
import type { Peer } from "./peer.ts";

/**
 * Everybody who is connected, so many at most. Whoever has not yet said what it is
 * has to go when there is no room: see {@linkcode Strangers}.
 */
export class Peers {
  readonly #maxConnections: number;
  /** Each with the promise of its end. */
  readonly #all = new Map<Peer, Promise<void>>();
  readonly #strangers = new Strangers<Peer>();

  /** @param maxConnections Most peers at a time. */
  constructor(maxConnections: number) {
    this.#maxConnections = maxConnections;
  }

  /** How many there are. */
  get size(): number {
    return this.#all.size;
  }

  /** Whether there is room for one more. */
  get hasRoom(): boolean {
    return this.#all.size < this.#maxConnections;
  }

  /**
   * Ends the connection of a stranger, for one more to come in.
   *
   * @returns Who had to go; `undefined` if all have said what they are.
   */
  makeRoom(): Peer | undefined {
    const stranger = this.#strangers.evict();
    if (stranger === undefined) return undefined;
    stranger.connection.destroy();
    this.#all.delete(stranger);
    return stranger;
  }

  /**
   * Takes in a stranger.
   *
   * @param peer Who came.
   * @param serve Talks with it to its end. Must not reject.
   */
  add(peer: Peer, serve: (peer: Peer) => Promise<void>): void {
    this.#strangers.add(peer.connection.remoteHostname, peer);
    this.#all.set(peer, serve(peer));
  }

  /** A peer has said what it is. */
  identify(peer: Peer): void {
    peer.identify();
    this.#strangers.delete(peer.connection.remoteHostname, peer);
  }

  /** Forgets one who is gone. */
  delete(peer: Peer): void {
    this.#all.delete(peer);
    this.#strangers.delete(peer.connection.remoteHostname, peer);
  }

  /** Lets a little time pass for all. */
  sweep(): void {
    for (const peer of this.#all.keys()) peer.sweep();
  }

  /** Ends all connections. */
  destroy(): void {
    for (const peer of this.#all.keys()) peer.connection.destroy();
  }

  /** Resolves when those who are here have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#all.values());
  }
}
