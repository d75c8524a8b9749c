import type { Quantity } from "../base/quantity.ts";
import { DEFAULT_GATHER_WITHIN, MAX_GATHER_WITHIN } from "../wire/gatherer.ts";

/** The numbers among the options of a gateway, those about clients aside. */
export const GATEWAY_QUANTITIES = {
  addressPrefixV4: { unit: "things", min: 1, max: 32, default: 32 },
  startPort: { unit: "things", min: 0, max: 65_535, default: 2000 },
  window: { unit: "bytes", min: 1, max: Infinity, default: 1_048_576 },
  parkTimeout: {
    unit: "milliseconds",
    min: 0,
    max: Infinity,
    default: 30_000,
  },
  parkBytes: { unit: "bytes", min: 0, max: Infinity, default: 65_536 },
  parkTotal: { unit: "bytes", min: 0, max: Infinity, default: 67_108_864 },
  maxDeliveries: { unit: "things", min: 1, max: 1_000, default: 3 },
  maxPendingRequests: {
    unit: "things",
    min: 1,
    max: 65_536,
    default: 256,
  },
  maxSession: { unit: "bytes", min: 1, max: 1_048_576, default: 65_536 },
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
  drainRate: { unit: "things", min: 0, max: 1_000_000, default: 500 },
  acceptRate: { unit: "things", min: 0, max: 1_000_000, default: 0 },
  traceSample: { unit: "things", min: 0, max: 1, default: 0 },
  stopTimeout: {
    unit: "milliseconds",
    min: 0,
    max: Infinity,
    default: 10_000,
  },
} as const satisfies Record<string, Quantity>;
