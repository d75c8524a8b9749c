import type { CloseReason } from "../connection.ts";

/** Another socket has taken the session over. */
export const REPLACED: CloseReason = { code: 4009, reason: "replaced" };

/** The client may not come in, whatever it does. */
export const REFUSED: CloseReason = { code: 4010, reason: "refused" };

/** The client's credential has ended: it may come back with another. */
export const EXPIRED: CloseReason = { code: 4011, reason: "expired" };

/** The client was told when to come back. */
export const LATER: CloseReason = { code: 4012, reason: "later" };

/** The client said that nobody will come back. */
export const LEFT: CloseReason = { code: 1000, reason: "" };

/** The window was over, and nobody had come back. */
export const LOST: CloseReason = { code: 1006, reason: "" };

/** A frame that there is not, or not here. */
export function broken(reason: string): CloseReason {
  return { code: 1002, reason };
}

/**
 * Codes of clients that would break the same rule again, with what they would send
 * again: their sessions end at once.
 */
const FAULTS: readonly number[] = [1002, 1007, 1009];

/** Whether a client whose socket ended so may come back to its session. */
export function mayReturn(code: number): boolean {
  return !FAULTS.includes(code);
}
