import type { ClaimFigures } from "../../observe/report.ts";

/** Why a claim of this gateway brought no session. */
export type ClaimFailure =
  | "expired"
  | "lost"
  | "elsewhere"
  | "refused"
  | "later";

/** What became of the claims of a gateway, and of those of others to its sessions. */
export class ClaimCounts {
  /** Claims made since the start. */
  made = 0;
  /** Sessions that came by them. */
  landed = 0;
  /** Claims that brought none, by reason. */
  readonly failed: Record<ClaimFailure, number> = {
    expired: 0,
    lost: 0,
    elsewhere: 0,
    refused: 0,
    later: 0,
  };
  /** Sessions that went to other gateways. */
  given = 0;
  /** Claims of other gateways that were not answered with a session, by reason. */
  readonly denied: Record<"expired" | "lost" | "refused" | "busy", number> = {
    expired: 0,
    lost: 0,
    refused: 0,
    busy: 0,
  };
  /** Messages of senders that count none, left out for clients that arrived meanwhile. */
  unstamped = 0;

  /** As a report has it. */
  figures(remembered: number): ClaimFigures {
    const { made, landed, failed, given, denied, unstamped } = this;
    return {
      made,
      landed,
      failed: { ...failed },
      given,
      denied: { ...denied },
      unstamped,
      remembered,
    };
  }
}
