import { parseAddress } from "../base/address.ts";
import { checkRanges, withDefaults } from "../base/quantity.ts";
import { WORKER_QUANTITIES } from "./quantities.ts";
import {
  type OriginalOptions,
  type ResolvedOriginalOptions,
  resolveOriginalOptions,
} from "../original/originals.ts";
import type { TrustOptions } from "../peer/trust.ts";
import { checkLabels, type Labels, NO_LABELS } from "../wire/bodies/labels.ts";
import {
  type ResolvedPresence,
  resolvePresence,
  type WorkerPresenceOptions,
} from "./handler/presence_options.ts";
import type { Handler } from "./handler/handler.ts";

/** Options for {@linkcode BusinessWorker.start}. */
export interface BusinessWorkerOptions extends TrustOptions, OriginalOptions {
  /** The handler, or the absolute URL of a module whose default export is one. */
  readonly handler: Handler | string;
  /**
   * Addresses of the Registers, `host:port`; what any of them knows counts.
   *
   * @default {["127.0.0.1:1236"]}
   */
  readonly register?: readonly string[];
  /**
   * Name, for people.
   *
   * @default {"BusinessWorker"}
   */
  readonly name?: string;
  /**
   * What it is told apart by, such as `{ game: "chess" }`, for gateways that route by
   * labels and for `sendToWorkers`: names and values of 1 to 64 letters, digits and
   * `_.~/:@+-`, 16 at most.
   *
   * @default {{}}
   */
  readonly labels?: Labels;
  /**
   * How many clients it wants, as a multiple of other workers', 1 to 100.
   *
   * @default {1}
   */
  readonly weight?: number;
  /**
   * Milliseconds to wait for a gateway's answer to a cluster call.
   *
   * @default {5_000}
   */
  readonly queryTimeout?: number;
  /**
   * Milliseconds that a shutdown may take to finish what was accepted; what is left
   * then is redelivered to other workers. The `stop` event may take what remains of
   * it, or two seconds.
   *
   * @default {30_000}
   */
  readonly drainTimeout?: number;
  /**
   * Milliseconds that the handler's module may take to load, its `start` event
   * included; 0 for no limit.
   *
   * @default {60_000}
   */
  readonly startTimeout?: number;
  /**
   * Milliseconds after which a handler that still runs is given up, so that its
   * client's next events are handled; 0 for never.
   *
   * @default {0}
   */
  readonly handlerTimeout?: number;
  /**
   * Milliseconds between two heartbeats on links with gateways.
   *
   * @default {5_000}
   */
  readonly linkHeartbeat?: number;
  /**
   * Milliseconds that what is sent on a link waits for more of its kind, above some
   * thousand a second; 0 for never. Saves wake-ups of gateways and costs that much latency.
   *
   * @default {0.3}
   */
  readonly gatherWithin?: number;
  /**
   * Bytes that may wait to leave for one gateway. Above a 16th, awaited sends wait for
   * it, and so do its clients' events and what handlers return to them; above all of it,
   * sends and calls reject.
   *
   * @default {67_108_864}
   */
  readonly linkBuffer?: number;
  /** Whose coming and going it wants to know; nobody's if left out. */
  readonly presence?: WorkerPresenceOptions | undefined;
  /**
   * Number among its like on its machine, for people.
   *
   * @default {0}
   */
  readonly index?: number;
  /** Shuts the worker down when aborted. */
  readonly signal?: AbortSignal;
}

/** {@linkcode BusinessWorkerOptions} with every default filled in. */
export interface ResolvedWorkerOptions extends ResolvedOriginalOptions {
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly handler: Handler | string;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly register: readonly string[];
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly name: string;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly labels: Labels;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly weight: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly queryTimeout: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly drainTimeout: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly startTimeout: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly handlerTimeout: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly linkHeartbeat: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly gatherWithin: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly linkBuffer: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly presence: ResolvedPresence | undefined;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly index: number;
  /** See {@linkcode BusinessWorkerOptions}. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Fills in the defaults and rejects impossible values.
 *
 * @throws {TypeError} If there is no handler, or an address is none.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveWorkerOptions(
  options: BusinessWorkerOptions,
): ResolvedWorkerOptions {
  const {
    handler,
    register = ["127.0.0.1:1236"],
    name = "BusinessWorker",
    index = 0,
    signal,
  } = options;
  if (typeof handler !== "function" && typeof handler !== "string") {
    throw new TypeError(
      `Cannot start worker as handler must be a function or a URL: found ${typeof handler}`,
    );
  }
  for (const address of register) parseAddress(address);
  const amounts = withDefaults(WORKER_QUANTITIES, options);
  checkRanges("start worker", WORKER_QUANTITIES, amounts);
  const original = resolveOriginalOptions(options);
  const labels = checkLabels("start worker", options.labels ?? NO_LABELS);
  const presence = resolvePresence(options.presence);
  return {
    handler,
    register,
    name,
    labels,
    presence,
    ...original,
    ...amounts,
    index,
    signal,
  };
}
