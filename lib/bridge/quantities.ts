import type { Quantity } from "../base/quantity.ts";
import { DEFAULT_LINK_BUFFER } from "../cluster/outflow.ts";
import { DEFAULT_GATHER_WITHIN, MAX_GATHER_WITHIN } from "../wire/gatherer.ts";

/** The numbers among the options of a bridge. */
export const BRIDGE_QUANTITIES = {
  bridgePort: { unit: "things", min: 0, max: 65_535, default: 2_890 },
  cellShards: { unit: "things", min: 1, max: 16, default: 1 },
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
