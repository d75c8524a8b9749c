import type { Quantity } from "../base/quantity.ts";

/** The numbers among the options of a Register. */
export const REGISTER_QUANTITIES = {
  maxConnections: { unit: "things", min: 1, max: Infinity, default: 10_000 },
  identifyTimeout: {
    unit: "milliseconds",
    min: 1,
    max: Infinity,
    default: 10_000,
  },
  staleTimeout: {
    unit: "milliseconds",
    min: 0,
    max: Infinity,
    default: 90_000,
  },
} as const satisfies Record<string, Quantity>;
