import { isPromise } from "../base/is_promise.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type {
  Handler,
  HandlerEvent,
  HandlerResult,
} from "../worker/handler/handler.ts";
import { mistakenResult } from "../worker/handler/handler_result.ts";

/** An event that is to be handled. */
interface Due {
  readonly handled: PromiseWithResolvers<void>;
  /** Whether the test hears what the handler throws. */
  readonly isHeard: boolean;
}

/** Calls a handler, and knows what it has still to do and what it threw. */
export class HandlerWatch {
  readonly #handler: Handler;
  /** What clients did and is not handled, by client id: the oldest comes first. */
  readonly #due = new Map<string, Due[]>();
  readonly #running = new Map<HandlerEvent, string>();
  #idle: PromiseWithResolvers<void> | undefined;
  /** What was thrown and nobody was told of. */
  readonly untold: unknown[] = [];

  /** @param handler The user's code. */
  constructor(handler: Handler) {
    this.#handler = handler;
  }

  /** Whether nothing runs, and nothing is to be handled. */
  get isIdle(): boolean {
    return this.#due.size === 0 && this.#running.size === 0;
  }

  /** What runs, in words. */
  get running(): string {
    return [...this.#running.values()].join(", ") || "nothing";
  }

  /** Resolves when nothing runs and nothing is to be handled. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    this.#idle ??= Promise.withResolvers();
    return this.#idle.promise;
  }

  /**
   * A client does something that its handler is told of.
   *
   * @param clientId The client.
   * @param heard Whether whoever calls this hears what the handler throws.
   * @returns When the handler is done with it.
   */
  expect(clientId: string, heard: "heard" | "unheard"): Promise<void> {
    const handled = Promise.withResolvers<void>();
    const due = this.#due.get(clientId) ?? [];
    due.push({ handled, isHeard: heard === "heard" });
    this.#due.set(clientId, due);
    return handled.promise;
  }

  /** Calls the handler. What it throws is thrown on, as its caller wants to know it. */
  readonly handle: Handler = (event: HandlerEvent, cluster: Cluster) => {
    this.#running.set(event, describe(event));
    try {
      const result = this.#handler(event, cluster);
      if (isPromise(result)) return this.#endLater(event, result);
      return this.#endWith(event, result);
    } catch (error) {
      this.#end(event, { error });
      throw error;
    }
  };

  async #endLater(
    event: HandlerEvent,
    result: PromiseLike<HandlerResult>,
  ): Promise<HandlerResult> {
    try {
      return this.#endWith(event, await result);
    } catch (error) {
      this.#end(event, { error });
      throw error;
    }
  }

  #endWith(event: HandlerEvent, result: HandlerResult): HandlerResult {
    check(event, result);
    this.#end(event, undefined);
    return result;
  }

  #end(event: HandlerEvent, failure: { error: unknown } | undefined): void {
    this.#running.delete(event);
    const due = this.#takeDue(event);
    if (failure === undefined || isAborted(event, failure.error)) {
      due?.handled.resolve();
    } else if (due?.isHeard) due.handled.reject(failure.error);
    else {
      this.untold.push(failure.error);
      due?.handled.resolve();
    }
    if (!this.isIdle) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #takeDue(event: HandlerEvent): Due | undefined {
    if (!("redelivered" in event) || !("client" in event)) return undefined;
    // Whoever asks waits for the answer, and one that is taken back is told to nobody.
    if (event.type === "request" && event.wantsAnswer) return undefined;
    const { id } = event.client;
    const due = this.#due.get(id);
    const first = due?.shift();
    if (due?.length === 0) this.#due.delete(id);
    return first;
  }
}

/** Whether a handler threw just because nobody waits for its answer any more. */
function isAborted(event: HandlerEvent, error: unknown): boolean {
  return event.type === "request" && event.signal.aborted &&
    event.signal.reason === error;
}

function describe(event: HandlerEvent): string {
  if ("client" in event) return `${event.type} of client ${event.client.id}`;
  return "uid" in event ? `${event.type} of uid ${event.uid}` : event.type;
}

/** What a worker warns of fails a test. */
function check(event: HandlerEvent, result: HandlerResult): void {
  const isForClient = "client" in event && event.type !== "close" &&
    event.type !== "request";
  if (typeof result === "string" || result instanceof Uint8Array) return;
  const found = isForClient ? mistakenResult(result) : undefined;
  if (found === undefined) return;
  throw new TypeError(
    `Cannot send what the handler returned on ${
      describe(event)
    } as it must be a string, a Uint8Array or nothing: found ${found}`,
  );
}
