import { LinkClosedError } from "../base/errors.ts";
import type { Cluster } from "../cluster/cluster.ts";

/** A cluster that can be left. */
export type LeavableCluster = Cluster & AsyncDisposable;

/**
 * Joins a cluster when it is first needed, and again if that failed: whoever serves
 * others starts at once, whether or not a Register is there yet.
 */
export class LazyCluster<Joined extends LeavableCluster = LeavableCluster>
  implements AsyncDisposable {
  readonly #join: () => Promise<Joined>;
  #joined: Promise<Joined> | undefined;
  #isDisposed = false;

  /** Joins nothing yet. */
  constructor(join: () => Promise<Joined>) {
    this.#join = join;
  }

  /**
   * Returns the cluster.
   *
   * @throws {LinkClosedError} If it cannot be joined now.
   */
  async get(): Promise<Joined> {
    if (this.#isDisposed) {
      throw new LinkClosedError("Cannot join the cluster: this is the end");
    }
    this.#joined ??= this.#join();
    try {
      return await this.#joined;
    } catch (error) {
      this.#joined = undefined;
      throw error;
    }
  }

  /** Leaves the cluster, if it was joined. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    try {
      const cluster = await this.#joined;
      await cluster?.[Symbol.asyncDispose]();
    } catch {
      // It was never joined: whoever asked has been told.
    }
  }
}
