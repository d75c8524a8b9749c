import { now } from "../base/clock.ts";
import type { GatewayStream } from "./gateway_stream.ts";

/** How long refusals must last where no Register can tell that a gateway is gone, in milliseconds. */
const REFUSED_TIME = 5_000;

interface LostLink {
  readonly stream: GatewayStream;
  readonly instance: string;
  failed: boolean;
  refusedSince: number | undefined;
}

/**
 * Gateways whose link was lost, until it is clear whether they live. A gateway that
 * lives binds its clients to other workers by itself; for one that died, each
 * worker raises the close events of the clients that were its own.
 */
export class LostGateways {
  readonly #lost = new Map<string, LostLink[]>();
  readonly #isListed: (address: string) => boolean;
  readonly #hasRegister: () => boolean;
  readonly #onDead: (stream: GatewayStream) => void;

  /**
   * @param isListed Whether any Register lists an address.
   * @param hasRegister Whether any Register can be asked.
   * @param onDead Raises the close events of a stream's clients.
   */
  constructor(
    isListed: (address: string) => boolean,
    hasRegister: () => boolean,
    onDead: (stream: GatewayStream) => void,
  ) {
    this.#isListed = isListed;
    this.#hasRegister = hasRegister;
    this.#onDead = onDead;
  }

  /** How many are not known to live or to be dead. */
  get size(): number {
    return this.#lost.size;
  }

  /** A link was lost while it had clients. */
  add(address: string, instance: string, stream: GatewayStream): void {
    const links = this.#lost.get(address) ?? [];
    links.push({ stream, instance, failed: false, refusedSince: undefined });
    this.#lost.set(address, links);
  }

  /** The streams of those. */
  *streams(): Generator<GatewayStream> {
    for (const links of this.#lost.values()) {
      for (const { stream } of links) yield stream;
    }
  }

  /** A gateway answers at that address: the same one lives, any other one is dead. */
  onUp(address: string, instance: string): void {
    const links = this.#lost.get(address);
    this.#lost.delete(address);
    for (const link of links ?? []) {
      if (link.instance !== instance) this.#onDead(link.stream);
    }
  }

  /** A gateway could not be reached. */
  onFailed(address: string, error: unknown): void {
    const refused = error instanceof Deno.errors.ConnectionRefused;
    for (const link of this.#lost.get(address) ?? []) {
      link.failed = true;
      link.refusedSince = refused ? link.refusedSince ?? now() : undefined;
    }
    this.#judge(address);
  }

  /** The Registers say other addresses than before. */
  onListed(): void {
    for (const address of [...this.#lost.keys()]) this.#judge(address);
  }

  #judge(address: string): void {
    const links = this.#lost.get(address) ?? [];
    const dead = links.filter((link) => this.#isDead(address, link));
    if (dead.length === 0) return;
    const rest = links.filter((link) => !dead.includes(link));
    if (rest.length === 0) this.#lost.delete(address);
    else this.#lost.set(address, rest);
    for (const { stream } of dead) this.#onDead(stream);
  }

  #isDead(address: string, { failed, refusedSince }: LostLink): boolean {
    if (!failed) return false;
    if (this.#hasRegister()) return !this.#isListed(address);
    return refusedSince !== undefined &&
      now() - refusedSince >= REFUSED_TIME;
  }
}
