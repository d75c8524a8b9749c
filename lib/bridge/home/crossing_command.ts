import type { InterestedPeer } from "../../link/interest.ts";
import type { Link } from "../../link/link.ts";

/** Whoever sent a command: a worker, or a program. */
export interface Caller extends InterestedPeer {
  /** Its link. */
  readonly link: Pick<Link, "send" | "pending" | "isOpen">;
  /** Who it is, if this stands for one command of it. */
  readonly root?: Caller;
  /** Under which origin it numbers what wants no answer; 0 if it does not. */
  readonly origin: number;
}

/** A command as it is to cross. */
export interface CrossingCommand {
  readonly command: number;
  readonly flags: number;
  /** Who has numbered it, so as to send it again if it does not come; 0 if nobody has. */
  readonly origin: number;
  /** Its number there. */
  readonly connectionId: number;
  /** The caller's request id; 0 wants no answer. */
  readonly number: number;
  /** What it is about. */
  readonly names: readonly string[];
  /** Only this cell; all others if absent. */
  readonly cell?: string | undefined;
  /** Milliseconds that answers may take beyond what is usual. */
  readonly timeout?: number | undefined;
  /** Its body is `buffer[start, end)`. */
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
}
