/**
 * The beginning and the end of the user's code. Neither may take for ever.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { inTime } from "../base/in_time.ts";
import { endsWithin } from "../base/pause.ts";
import { framesOf, placeOf, reasonOf, withoutCallers } from "../base/thrown.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { roomLogger } from "../observe/logger.ts";
import { type Handler, loadHandler } from "./handler/handler.ts";
import type { ResolvedWorkerOptions } from "./options.ts";

const logger = roomLogger("worker");

/** Least time that the handler has for its stop event, in milliseconds. */
const LAST_EVENT_TIME = 2_000;

/**
 * After how many milliseconds it is said what a handler that is not ready is doing, or
 * after half of the time that it may take.
 */
const SLOW_START = 5_000;

/** What is waited for, and what it may be that does not come. */
const WAITS = {
  "loaded":
    "a top-level await in its module, or in one that it imports, has not ended",
  "done with its start event": "what it returned on start has not resolved",
} as const;

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
    try {
      return await this.#wait(loadHandler(handler), "loaded");
    } catch (error) {
      if (
        error instanceof TypeError && error.cause !== undefined &&
        isUsers(error.cause)
      ) {
        logThrown("Handler threw as it was loaded: {reason}", error.cause);
      }
      throw error;
    }
  }

  /**
   * Gives the handler its start event.
   *
   * @throws {Deno.errors.TimedOut} If that takes too long.
   * @throws {unknown} What the handler throws.
   */
  async tell(handler: Handler, cluster: Cluster): Promise<void> {
    const told = Promise.try(() => handler({ type: "start" }, cluster));
    try {
      await this.#wait(told, "done with its start event");
    } catch (error) {
      // Whoever started the worker is told of it, whoever threw.
      if (isUsers(error)) logThrown("Handler threw on start: {reason}", error);
      throw error;
    }
  }

  async #wait<Value>(
    promise: Promise<Value>,
    what: keyof typeof WAITS,
  ): Promise<Value> {
    const { startTimeout, signal } = this.#options;
    const rest = this.#since + startTimeout - now();
    const delay = Math.min(SLOW_START, startTimeout / 2 || Infinity);
    const slow = setTimeout(() => {
      logger.warn("Handler is not {what} after {delay} ms: {reason}", {
        what,
        delay,
        reason: WAITS[what],
      });
    }, delay);
    try {
      return await inTime(promise, {
        timeout: startTimeout === 0 ? 0 : Math.max(1, rest),
        signal,
        message:
          `Cannot start worker as the handler was not ${what} within ${startTimeout} ms: ${
            WAITS[what]
          }`,
      });
    } finally {
      clearTimeout(slow);
    }
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
    logThrown("Handler threw on stop: {reason}", error);
    return true;
  }
}

/** Whether it was the user's code that threw, as far as can be told. */
function isUsers(thrown: unknown): boolean {
  const frames = framesOf(thrown);
  return placeOf(frames) !== undefined || frames.length === 0;
}

/** Says what was thrown, with its stack. */
function logThrown(text: string, thrown: unknown): void {
  const stack = withoutCallers(framesOf(thrown)).join("\n");
  logger.error(text, { reason: reasonOf(thrown), stack });
}
