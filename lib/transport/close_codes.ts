import type { CloseReason } from "./connection.ts";

/**
 * With which codes a gateway closes WebSocket clients, for reasons of its own. What a
 * client's library makes of a code is not for us to say: some take 4001, 4002 and 4008
 * as final. Codes for broken rules are those of RFC 6455.
 */
export interface CloseCodes {
  /**
   * No worker came in time.
   *
   * @default {4013}
   */
  readonly noWorker?: number;
  /**
   * The client reads slower than it is sent to, and its queue is full.
   *
   * @default {4008}
   */
  readonly slow?: number;
  /**
   * The client sends faster than it may.
   *
   * @default {1008}
   */
  readonly fast?: number;
  /**
   * Nothing came from the client for too long.
   *
   * @default {4002}
   */
  readonly idle?: number;
  /**
   * The client's uid logged in elsewhere, and only one login may stay.
   *
   * @default {4001}
   */
  readonly replaced?: number;
}

/** {@linkcode CloseCodes} with every default filled in. */
export type ResolvedCloseCodes = Required<CloseCodes>;

/** Why a client is closed that did nothing wrong by its protocol. */
export type CloseCause = keyof CloseCodes;

/** What is used if nothing else is said. */
export const DEFAULT_CLOSE_CODES: ResolvedCloseCodes = {
  noWorker: 4013,
  slow: 4008,
  fast: 1008,
  idle: 4002,
  replaced: 4001,
};

/** What clients are told beside the code. */
const REASONS: Readonly<Record<CloseCause, string>> = {
  noWorker: "no worker available",
  slow: "slow consumer",
  fast: "too fast",
  idle: "idle",
  replaced: "logged in elsewhere",
};

/** Below 3000, the codes that accuse nobody of a broken protocol. */
const PLAIN_CODES: readonly number[] = [1000, 1001, 1008, 1011, 1012, 1013];

/** What a code must be, to complete "it must be …". */
export const CLOSE_CODE_RULE: string = `${
  PLAIN_CODES.join(", ")
}, or 3000 to 4999`;

/** Whether a client may be closed with a code for such a reason. */
export function isCloseCode(code: number): boolean {
  return PLAIN_CODES.includes(code) ||
    (Number.isInteger(code) && code >= 3000 && code <= 4999);
}

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} If a code is none that may be sent.
 */
export function resolveCloseCodes(given: CloseCodes = {}): ResolvedCloseCodes {
  const codes = { ...DEFAULT_CLOSE_CODES };
  for (const cause of CLOSE_CAUSES) {
    const code = given[cause] ?? codes[cause];
    if (!isCloseCode(code)) {
      throw new RangeError(
        `Cannot close clients as closeCodes.${cause} must be ${CLOSE_CODE_RULE}: current value is ${code}`,
      );
    }
    codes[cause] = code;
  }
  return codes;
}

/** Every {@linkcode CloseCause}. */
export const CLOSE_CAUSES: readonly CloseCause[] = [
  "noWorker",
  "slow",
  "fast",
  "idle",
  "replaced",
];

/** Returns what a client is told. */
export function closeReason(
  cause: CloseCause,
  codes: ResolvedCloseCodes,
): CloseReason {
  return { code: codes[cause], reason: REASONS[cause] };
}
