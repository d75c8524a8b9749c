import type { PeerStream } from "./byte_stream.ts";
import type { Refusals } from "./refusals.ts";
import type { Trust } from "./trust.ts";

/** Where nodes come in. Bound from the start. */
export interface PeerListener {
  /** The address bound; port 0 has become a real one. */
  readonly addr: Deno.NetAddr;
  /**
   * Waits for the next node.
   *
   * @throws {Deno.errors.BadResource} If the listener was closed.
   */
  accept(): Promise<PeerStream>;
  /** Takes nobody new; those accepted stay. */
  close(): void;
}

/** What a {@linkcode PeerListener} goes by. */
export interface PeerListenerOptions {
  /** Who may come, and what this node shows. */
  readonly trust: Trust;
  /** Takes those who are turned away. */
  readonly refusals: Refusals;
}
