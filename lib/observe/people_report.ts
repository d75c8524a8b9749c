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

/** What a gateway knows of who is here. */
export interface GatewayPresenceReport {
  /** Groups and uids that workers watch and somebody is in. */
  readonly names: number;
  /** Users in these, counted in each, at whatever gateway they are. */
  readonly users: number;
  /** Clients that are told who is in these, counted in each. */
  readonly watchers?: number;
  /** Changes of its own clients that it told workers, since the start. */
  readonly changes: number;
}

/** What a worker knows of who comes and goes. */
export interface WorkerPresenceReport {
  /** Groups and uids that it answers for. */
  readonly names: number;
  /** Users in these, counted in each. */
  readonly users: number;
  /** Users that handlers were told to have come, since the start. */
  readonly joins: number;
  /** Users that handlers were told to be gone, since the start. */
  readonly leaves: number;
  /** Of both, those that may have been told before. */
  readonly repeats: number;
  /** Joins and leaves that wait for handlers. */
  readonly waiting: number;
}
