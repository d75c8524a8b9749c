import type { CellOptions } from "./call_options.ts";

/** Whom a typed event or a question goes to: exactly one of these. */
export type Recipients =
  | { readonly client: string | readonly string[] }
  | { readonly uid: string | readonly string[] }
  | { readonly group: string | readonly string[] }
  | { readonly all: true };

/** Options for {@linkcode Cluster.ask}. */
export interface AskOptions extends CellOptions {
  /**
   * Milliseconds that clients have to answer, 600,000 at most. As long as a gateway has
   * to answer a call, `queryTimeout`, if left out, but no longer than that.
   *
   * @default {5_000}
   */
  readonly timeout?: number;
  /**
   * Whether one answer is enough: the first that is no error. The others are then told
   * that nobody waits for theirs, and are missing unless they had answered.
   *
   * @default {false}
   */
  readonly first?: boolean;
}

/** What one client answered. */
export type AskResult =
  | {
    /** The client. */
    readonly clientId: string;
    /** Its answer. */
    readonly value: unknown;
  }
  | {
    /** The client. */
    readonly clientId: string;
    /** That it cannot, or will not: its code, `too-large`, or `unreadable`; and what it said beside. */
    readonly error: { readonly code: string; readonly data: unknown };
  };

/** What clients answered. */
export interface AskAnswers {
  /** Who answered what, in the order in which it came. */
  readonly results: readonly AskResult[];
  /** Clients that were meant and did not answer: too late, away, gone, or not able to. */
  readonly missing: readonly string[];
  /** Addresses of gateways that did not say what their clients answered; absent if all did. */
  readonly partial?: readonly string[];
}

/** Options for {@linkcode Cluster.isOnline}. */
export interface OnlineOptions {
  /**
   * Whether it must have a connection right now: a client that is away is online, and
   * not attached.
   *
   * @default {false}
   */
  readonly attached?: boolean;
}
