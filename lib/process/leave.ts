/**
 * How long what a handler left behind (a timer, a socket) may keep a process that
 * has done its work, in milliseconds.
 */
const LEFTOVER_TIME = 500;

/**
 * Lets the process end, and sees to it that it does. All of ours is closed by
 * now, so a process without leftovers ends by itself before this acts.
 */
export function leave(): void {
  Deno.unrefTimer(setTimeout(() => Deno.exit(), LEFTOVER_TIME));
}
