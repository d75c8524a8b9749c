import type { Quantity } from "../../base/quantity.ts";

/** The numbers among the options of a listener: from where to where, and the defaults. */
export const LISTENER_QUANTITIES = {
  maxMessage: {
    unit: "bytes",
    min: 1,
    max: 67_108_864,
    default: 10_485_760,
  },
  sendBuffer: { unit: "bytes", min: 1, max: Infinity, default: 1_024_000 },
  flushWithin: { unit: "milliseconds", min: 0, max: 1_000, default: 0 },
  handshakeTimeout: {
    unit: "milliseconds",
    min: 1,
    max: Infinity,
    default: 10_000,
  },
  authorizeTimeout: {
    unit: "milliseconds",
    min: 1,
    max: Infinity,
    default: 5_000,
  },
  idleTimeout: { unit: "milliseconds", min: 0, max: Infinity, default: 0 },
  maxHeaderSize: { unit: "bytes", min: 256, max: 1_048_576, default: 16_384 },
  maxHeaders: { unit: "things", min: 5, max: 10_000, default: 100 },
} as const satisfies Record<string, Quantity>;

/** The numbers among the options of compression. */
export const COMPRESSION_QUANTITIES = {
  threshold: { unit: "bytes", min: 0, max: Infinity, default: 1_024 },
  level: { unit: "things", min: 1, max: 9, default: 6 },
  windowBits: { unit: "things", min: 8, max: 15, default: 15 },
} as const satisfies Record<string, Quantity>;
