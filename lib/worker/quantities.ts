import type { Quantity } from "../base/quantity.ts";
import { DEFAULT_LINK_BUFFER } from "../cluster/outflow.ts";
import { MAX_WEIGHT } from "../wire/bodies/traits.ts";
import { DEFAULT_GATHER_WITHIN, MAX_GATHER_WITHIN } from "../wire/gatherer.ts";

/** The numbers among the options of a worker. */
export const WORKER_QUANTITIES = {
  weight: { unit: "things", min: 1, max: MAX_WEIGHT, default: 1 },
  queryTimeout: {
    unit: "milliseconds",
    min: 1,
    max: Infinity,
    default: 5_000,
  },
  drainTimeout: {
    unit: "milliseconds",
    min: 1,
    max: Infinity,
    default: 30_000,
  },
  startTimeout: {
    unit: "milliseconds",
    min: 0,
    max: Infinity,
    default: 60_000,
  },
  handlerTimeout: { unit: "milliseconds", min: 0, max: Infinity, default: 0 },
  linkHeartbeat: {
    unit: "milliseconds",
    min: 1,
    max: Infinity,
    default: 5_000,
  },
  gatherWithin: {
    unit: "milliseconds",
    min: 0,
    max: MAX_GATHER_WITHIN,
    default: DEFAULT_GATHER_WITHIN,
  },
  linkBuffer: {
    unit: "bytes",
    min: 1,
    max: Infinity,
    default: DEFAULT_LINK_BUFFER,
  },
} as const satisfies Record<string, Quantity>;
