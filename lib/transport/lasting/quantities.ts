import type { Quantity } from "../../base/quantity.ts";

/** The numbers among the options of sessions that outlive their sockets. */
export const RESUME_QUANTITIES = {
  window: {
    unit: "milliseconds",
    min: 1_000,
    max: 86_400_000,
    default: 60_000,
  },
  bytes: { unit: "bytes", min: 1_024, max: Infinity, default: 262_144 },
  total: { unit: "bytes", min: 65_536, max: Infinity, default: 268_435_456 },
  maxAway: { unit: "things", min: 0, max: Infinity, default: 10_000 },
  pingInterval: {
    unit: "milliseconds",
    min: 100,
    max: 3_600_000,
    default: 10_000,
  },
} as const satisfies Record<string, Quantity>;
