import type { Quantity } from "../../base/quantity.ts";
import { LISTENER_QUANTITIES } from "../../transport/listener/quantities.ts";

/** The numbers among the options of what clients a gateway takes. */
export const CLIENT_QUANTITIES = {
  ...LISTENER_QUANTITIES,
  // At least a whole message.
  maxUnfinished: {
    unit: "bytes",
    min: 1,
    max: Infinity,
    default: 268_435_456,
  },
  maxConnections: { unit: "things", min: 1, max: Infinity, default: 15_000 },
  maxPerAddress: { unit: "things", min: 0, max: Infinity, default: 0 },
  addressPrefix: { unit: "things", min: 1, max: 128, default: 64 },
  maxMessageRate: { unit: "things", min: 0, max: Infinity, default: 0 },
  maxByteRate: { unit: "bytes", min: 0, max: Infinity, default: 0 },
  pingInterval: { unit: "seconds", min: 0, max: 86_400, default: 25 },
  pingNotResponseLimit: { unit: "things", min: 0, max: 1_000, default: 0 },
} as const satisfies Record<string, Quantity>;
