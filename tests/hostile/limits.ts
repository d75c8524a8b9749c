/** Most bytes that it may keep of what was sent to clients who may come back. */
export const KEPT_BYTES = 16_777_216;

/**
 * What the gateway under attack is told, as an operator would who expects hostile
 * clients. Everything else is as by default.
 */
export const LIMITS: readonly string[] = [
  "--compression",
  "--max-message=1m",
  "--send-buffer=256k",
  "--max-connections=1500",
  "--max-unfinished=64m",
  "--max-message-rate=5000",
  "--rate-policy=close",
  `--resume-total=${KEPT_BYTES}`,
];

/** Most megabytes that the gateway's process may hold, whatever comes. */
export const MEMORY_BUDGET = 450;

/** How many times later an ordinary client's answers may come. */
export const SLOWDOWN = 3;

const slack = Deno.env.get("HOSTILE_SLACK");

/**
 * Milliseconds up to which answers are never late: whoever attacks on this very machine
 * takes a processor from others now and then, for some milliseconds. `HOSTILE_SLACK=0`
 * leaves nothing but the slowdown.
 */
export const SLACK: number = Number(slack ?? "10");

/** The same on a machine that has other work to do; it makes pauses of its own. */
export const BUSY_SLACK: number = Number(slack ?? "150");

/** Share of the processors that other programs use on a machine that is busy. */
export const BUSY = 0.3;

/** Ordinary clients of a gateway; one that is full has no room for another. */
export const ORDINARY = 10;

/** Share of a processor that a flood may cost a full gateway. */
export const FULL_SHARE = 0.5;

/** Clients whom it may answer over TLS in a second: 50, and 50 more in the first one. */
export const FULL_ANSWERS = 120;

/** What attackers print for each that was answered. */
export const ANSWERED = "Answered";
