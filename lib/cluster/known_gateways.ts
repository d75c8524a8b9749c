import { now } from "../base/clock.ts";

/** How long a gateway that no Register lists is dialed in vain, in milliseconds. */
const FORGET_TIMEOUT = 60_000;

/** A gateway that was ever listed, and is dialed. */
interface KnownGateway {
  /** Resolves when it was reached or failed once. */
  readonly tried: PromiseWithResolvers<void>;
  isTried: boolean;
  /** Since when it cannot be reached; `undefined` if it was reached last. */
  failingSince: number | undefined;
  /** Whether it refused the last connection: nobody listens there. */
  isRefusing: boolean;
}

/**
 * The addresses of gateways: which of them Registers list, and how it went with each
 * that is dialed. One is dialed from when it is listed first until it is forgotten.
 */
export class KnownGateways {
  readonly #known = new Map<string, KnownGateway>();
  readonly #firstList = Promise.withResolvers<void>();
  #listed: ReadonlySet<string> | undefined;
  #untried = 0;

  /** The addresses that the Registers say now. */
  get listed(): ReadonlySet<string> {
    return this.#listed ?? NOBODY;
  }

  /** Whether a Register has told where gateways are. */
  get hasList(): boolean {
    return this.#listed !== undefined;
  }

  /** Resolves when a Register has, or nobody is to wait for that any more. */
  get firstList(): Promise<void> {
    return this.#firstList.promise;
  }

  /** Whether a Register has told of gateways, and each was reached or tried. */
  get isComplete(): boolean {
    return this.hasList && this.#untried === 0;
  }

  /** Resolves when every gateway that is dialed now was reached or failed once. */
  async attempted(): Promise<void> {
    await Promise.all(
      Array.from(this.#known.values(), ({ tried }) => tried.promise),
    );
  }

  /** Registers tell where gateways are. */
  list(addresses: ReadonlySet<string>): void {
    this.#listed = addresses;
  }

  /** Whoever waits for the first list goes on: what it says is being dialed. */
  endListing(): void {
    this.#firstList.resolve();
  }

  /** A gateway is dialed from now on. */
  add(address: string): void {
    this.#untried++;
    this.#known.set(address, {
      tried: Promise.withResolvers(),
      isTried: false,
      failingSince: undefined,
      isRefusing: false,
    });
  }

  /** A gateway was reached. */
  onReached(address: string): void {
    const known = this.#known.get(address);
    if (known === undefined) return;
    known.failingSince = undefined;
    known.isRefusing = false;
  }

  /** A gateway could not be reached. */
  onFailed(address: string, error: unknown): void {
    const known = this.#known.get(address);
    if (known === undefined) return;
    known.failingSince ??= now();
    known.isRefusing = error instanceof Deno.errors.ConnectionRefused;
  }

  /** A gateway was tried: what waits for that goes on. */
  onTried(address: string): void {
    const known = this.#known.get(address);
    if (known === undefined || known.isTried) return;
    known.isTried = true;
    this.#untried--;
    known.tried.resolve();
  }

  /** Whether a gateway refused the last connection. */
  isRefusing(address: string): boolean {
    return this.#known.get(address)?.isRefusing === true;
  }

  /** Whether nobody lists a gateway, and it has failed for so long that nobody need dial it. */
  isGone(address: string): boolean {
    const since = this.#known.get(address)?.failingSince;
    if (since === undefined || this.listed.has(address)) return false;
    return now() - since >= FORGET_TIMEOUT;
  }

  /** A gateway is dialed no more. */
  forget(address: string): void {
    this.onTried(address);
    this.#known.delete(address);
  }

  /** Nothing is dialed any more, so nobody waits for that. */
  endTrying(): void {
    for (const { tried } of this.#known.values()) tried.resolve();
  }
}

const NOBODY: ReadonlySet<string> = new Set();
