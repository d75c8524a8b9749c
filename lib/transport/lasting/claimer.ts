import type { ConnectionListener } from "../connection.ts";
import type { LastingConnection } from "./lasting_connection.ts";
import type { MovedSession } from "./moved_session.ts";
import type { TokenOrigin } from "./token.ts";

/** Why a client that showed a token has a new session. */
export type FreshReason = "new" | "expired" | "lost" | "elsewhere" | "refused";

/** Why, for a token that names no session, by where it was made. */
export const ORIGINS = {
  here: "expired",
  earlier: "lost",
  elsewhere: "elsewhere",
} as const satisfies Record<TokenOrigin, FreshReason>;

/** Somebody was let in who shows a token that names no session here. */
export interface ShownToken {
  /** The token. */
  readonly token: string;
  /** Where it was made. */
  readonly origin: TokenOrigin;
  /** Counted frames that the client has. */
  readonly received: number;
  /** Who was asked whether it may come in, and is told of the session if it comes. */
  readonly newcomer: ConnectionListener;
  /** The client's own address, `ip:port`. */
  readonly remoteAddress: string;
  /** Whether the client's socket is still there. */
  readonly isThere: boolean;
  /**
   * The session is this gateway's.
   *
   * @param settle Called with it before the client hears of anything.
   */
  land(moved: MovedSession, settle: (session: LastingConnection) => void): void;
}

/** What came of a claim: it has landed, is to be made again later, or is no more. */
export type ClaimOutcome = "landed" | "later" | FreshReason;

/** Fetches sessions of other gateways. */
export interface Claimer {
  /**
   * Claims the session of a token.
   *
   * @returns What becomes what came of it; nothing if no other gateway can have it.
   */
  claim(shown: ShownToken): Promise<ClaimOutcome> | undefined;
}
