import type { ResolvedCloseCodes } from "../../transport/close_codes.ts";

/** Bounds of what waits. */
export interface DeliveryLimits {
  /** What a client's waiting events may count for before it is not read. */
  readonly parkBytes: number;
  /** What all of them may count for before no client with waiting events is read. */
  readonly parkTotal: number;
  /** Milliseconds that a client may wait for a worker. */
  readonly parkTimeout: number;
  /** With which codes clients are closed. */
  readonly closeCodes: ResolvedCloseCodes;
  /** Lost workers after which an event that was in flight in each is set aside. */
  readonly maxDeliveries: number;
}
