import type { FrameHeader } from "../../wire/frame.ts";
import type { DeferredClient } from "./deferred_client.ts";
import type { Route } from "./route.ts";
import type { KeptEvent } from "./waiting_events.ts";

/**
 * Who is told what happens on the links of workers.
 *
 * @typeParam Linked The link, as its owner has it.
 */
export interface WorkerLinkOwner<Linked> {
  /** An event that was kept is about to be sent; not there if nobody wants to know. */
  beforeEvent?: ((link: Linked, event: KeptEvent) => void) | undefined;
  /** A command came. The bytes are valid during the call. */
  onCommand(
    link: Linked,
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
  /**
   * Events were acknowledged: what waited for that may go on.
   *
   * @param done How many of them are done.
   * @param free Routes that may move to another worker now.
   */
  onProgress(link: Linked, done: number, free: readonly Route[]): void;
  /** What is kept of events that take long counts for so much more, or less. */
  onKept(cost: number): void;
  /** The worker takes nothing new. */
  onDraining(link: Linked): void;
  /** A client's events take long: returns its route if it leads to the link. */
  onDeferred(
    link: Linked,
    connectionId: number,
    number: number,
  ): Route | undefined;
  /** Of a client's events that take long, so many more are done. */
  onReleased(link: Linked, deferred: DeferredClient, done: number): void;
  /** The link is gone. */
  onClosed(link: Linked, error: Error | undefined): void;
}
