/**
 * The beginning and the end of the user's code. Neither may take for ever.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { inTime } from "../base/in_time.ts";
import { endsWithin } from "../base/pause.ts";
import { framesOf, messageOf } from "../base/thrown.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { roomLogger } from "../observe/logger.ts";
import { type Handler, loadHandler } from "./handler.ts";
import type { ResolvedWorkerOptions } from "./options.ts";

const logger = roomLogger("worker");

/** Least time that the handler has for its stop event, in milliseconds. */
const LAST_EVENT_TIME = 2_000;

/** Waits for a handler to be ready, as long as it may take. */
export class HandlerStart {
  readonly #options: ResolvedWorkerOptions;
  readonly #since = now();

  /** The time begins. */
  constructor(options: ResolvedWorkerOptions) {
    this.#options = options;
  }

  /**
   * Loads the handler, if it is a module.
   *
   * @throws {TypeError} If it cannot be loaded.
   * @throws {Deno.errors.TimedOut} If that takes too long.
   */
  async load(): Promise<Handler> {
    const { handler } = this.#options;
    if (typeof handler !== "string") return handler;
    return await this.#wait(loadHandler(handler), "loaded");
  }

  /**
   * Gives the handler its start event.
   *
   * @throws {Deno.errors.TimedOut} If that takes too long.
   * @throws {unknown} What the handler throws.
   */
  async tell(handler: Handler, cluster: Cluster): Promise<void> {
    const told = Promise.try(() => handler({ type: "start" }, cluster));
    await this.#wait(told, "done with its start event");
  }

  #wait<Value>(promise: Promise<Value>, what: string): Promise<Value> {
    const { startTimeout, signal } = this.#options;
    const rest = this.#since + startTimeout - now();
    return inTime(promise, {
      timeout: startTimeout === 0 ? 0 : Math.max(1, rest),
      signal,
      message:
        `Cannot start worker as the handler was not ${what} within ${startTimeout} ms`,
    });
  }
}

/**
 * Gives the handler its stop event, and goes on without it if that takes too long.
 *
 * @param handler The handler.
 * @param cluster What it is given.
 * @param rest What is left of the time to finish, in milliseconds.
 * @returns Whether the handler threw.
 */
export async function tellStop(
  handler: Handler,
  cluster: Cluster,
  rest: number,
): Promise<boolean> {
  const timeout = Math.max(rest, LAST_EVENT_TIME);
  try {
    const told = Promise.try(() => handler({ type: "stop" }, cluster));
    if (!await endsWithin(told, timeout)) {
      logger.error(
        "Handler still runs after {timeout} ms on stop: ending without it",
        { timeout: Math.round(timeout) },
      );
    }
    return false;
  } catch (error) {
    logger.error("Handler threw on {type}: {error}", {
      type: "stop",
      error: messageOf(error),
      stack: framesOf(error).join("\n"),
    });
    return true;
  }
}
