import { SilentPeerError } from "../base/errors.ts";
import type { GatewayStream } from "./gateway_stream.ts";

interface LostLink {
  readonly stream: GatewayStream;
  readonly instance: string;
  failed: boolean;
}

/**
 * Gateways whose link was lost, until it is clear whether they live. A gateway that
 * lives binds its clients to other workers by itself; for one that died, each
 * worker raises the close events of the clients that were its own. It is dead when
 * it cannot be reached and no Register lists it; without a Register nobody knows.
 */
export class LostGateways {
  readonly #lost = new Map<string, LostLink[]>();
  readonly #isListed: (address: string) => boolean;
  readonly #isInformed: () => boolean;
  readonly #onDead: (stream: GatewayStream) => void;

  /**
   * @param isListed Whether any Register lists an address, as far as it was heard of late.
   * @param isInformed Whether any Register is there that knows who is up.
   * @param onDead Raises the close events of a stream's clients.
   */
  constructor(
    isListed: (address: string) => boolean,
    isInformed: () => boolean,
    onDead: (stream: GatewayStream) => void,
  ) {
    this.#isListed = isListed;
    this.#isInformed = isInformed;
    this.#onDead = onDead;
  }

  /** How many are not known to live or to be dead. */
  get size(): number {
    return this.#lost.size;
  }

  /** A link was lost while it had clients. */
  add(address: string, instance: string, stream: GatewayStream): void {
    const links = this.#lost.get(address) ?? [];
    links.push({ stream, instance, failed: false });
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

  /** A gateway could not be linked to; it may be there all the same, and stand still. */
  onFailed(address: string, error: unknown): void {
    const failed = !(error instanceof SilentPeerError);
    for (const link of this.#lost.get(address) ?? []) link.failed = failed;
  }

  /** Finds out who is dead. To be called several times a second. */
  judge(): void {
    if (this.#lost.size === 0 || !this.#isInformed()) return;
    for (const address of [...this.#lost.keys()]) this.#judge(address);
  }

  #judge(address: string): void {
    if (this.#isListed(address)) return;
    const links = this.#lost.get(address) ?? [];
    const dead = links.filter(({ failed }) => failed);
    if (dead.length === 0) return;
    const rest = links.filter((link) => !dead.includes(link));
    if (rest.length === 0) this.#lost.delete(address);
    else this.#lost.set(address, rest);
    for (const { stream } of dead) this.#onDead(stream);
  }
}
