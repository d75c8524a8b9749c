import type { Durations, Latency, Sizes } from "./distribution.ts";

/** What people notice of a gateway. */
export interface PeopleReport {
  /**
   * How long clients waited of late from their connect until they were sent the first
   * thing of their own: a message to them or their uid alone, or a typed frame. Those
   * that were sent none yet, and those that came from other gateways, are left out.
   */
  readonly firstAnswer: Latency;
  /** The same since the start. */
  readonly firstAnswers: Durations;
  /** How many clients of this gateway each message to groups was sent to. */
  readonly groupFanOut: Sizes;
}
