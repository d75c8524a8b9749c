/**
 * What tabs tell each other that share a connection.
 *
 * @module
 */
import type { BackEvent, ClientState, ClosedEvent } from "../events.ts";
import type { Frame } from "../session.ts";

/** Of a tab, to the one that leads. */
export type TabMessage =
  /** It is here, and knows nothing yet. */
  | { readonly kind: "join"; readonly tab: string }
  /** It is here, and its next frame to be taken is this one. */
  | { readonly kind: "hello"; readonly tab: string; readonly next: number }
  /** A frame to send, its number among this tab's, and the session it is for. */
  | {
    readonly kind: "post";
    readonly tab: string;
    readonly seq: number;
    readonly frame: Frame;
    readonly epoch: string;
  }
  /** Something says that the socket may be broken, or could be had again. */
  | { readonly kind: "wake" }
  /** It leaves. */
  | { readonly kind: "bye"; readonly tab: string };

/** A frame that is not known to be handled, and whose it is. */
export interface SharedFrame {
  readonly frame: Frame;
  readonly tab: string;
  readonly seq: number;
}

/** All that one needs to lead. */
export interface Snapshot {
  /** Which session it is, among the tabs. */
  readonly epoch: string;
  readonly token: string;
  readonly id: string;
  readonly state: ClientState;
  readonly received: number;
  readonly sent: number;
  readonly frames: readonly SharedFrame[];
  /** The tabs, and how many frames of each were taken. */
  readonly taken: ReadonlyMap<string, number>;
}

/** Of the tab that leads, to all; each makes the same of its copy of the session. */
export type LeadMessage =
  /** This is how things are; for one tab, or all. */
  | { readonly kind: "lead"; readonly to?: string; readonly now: Snapshot }
  /** Nobody leads any more. */
  | { readonly kind: "leave" }
  /** A tab is here. */
  | { readonly kind: "met"; readonly tab: string; readonly taken: number }
  /** A tab is gone. */
  | { readonly kind: "gone"; readonly tab: string }
  /** A frame of a tab is one of the session's, with that number. */
  | ({ readonly kind: "out"; readonly number: number } & SharedFrame)
  /** A frame of a tab needs not be sent. */
  | { readonly kind: "needless"; readonly tab: string; readonly seq: number }
  /** There is room for more frames. */
  | { readonly kind: "pull" }
  /** Frames up to this number are handled. */
  | { readonly kind: "handled"; readonly count: number }
  /** A frame came, with that number. */
  | { readonly kind: "in"; readonly number: number; readonly frame: Frame }
  /** An ask is answered by a tab: the others need not. */
  | { readonly kind: "answered"; readonly ask: string; readonly tab: string }
  /** Requests may not be answered, up to that number, or all. */
  | { readonly kind: "fail"; readonly upTo: number }
  | {
    readonly kind: "state";
    readonly state: ClientState;
    readonly token: string;
    readonly id: string;
    readonly received: number;
  }
  | {
    readonly kind: "back";
    readonly back: BackEvent;
    readonly received: number;
  }
  | { readonly kind: "gap"; readonly received: number }
  /** The session has ended; the next one. */
  | { readonly kind: "ended"; readonly epoch: string }
  | { readonly kind: "fresh"; readonly reason: string }
  | {
    readonly kind: "closed";
    readonly closed: Omit<ClosedEvent, "returned">;
  };
