import { Pace } from "./pace.ts";

/** How often a long wait looks whether the process stood still, in milliseconds. */
const STEP = 1_000;

/**
 * Waits.
 *
 * @param delay How long, in milliseconds.
 * @param signal Ends the wait early when aborted.
 */
export function pause(delay: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delay);
    signal?.addEventListener("abort", end);
  });
}

/**
 * Waits before others are given up: the time that this process stood still does not
 * count, for they may have been as fast as they should.
 *
 * @param delay How long, in milliseconds.
 * @param signal Ends the wait early when aborted.
 */
export async function patience(
  delay: number,
  signal?: AbortSignal,
): Promise<void> {
  const pace = new Pace(STEP);
  const end = pace.time + delay;
  for (let left = delay; left > 0; left = end - pace.time) {
    await pause(Math.min(left, STEP), signal);
    if (signal?.aborted) return;
    pace.tick();
  }
}

/**
 * Looks again and again whether something is so, but not for ever; the time that this
 * process stood still does not count.
 *
 * @param isSo Looks.
 * @param delay Most milliseconds to wait.
 * @param interval Milliseconds between two looks.
 * @returns Whether it was so in time.
 */
export async function becomesSo(
  isSo: () => boolean,
  delay: number,
  interval: number,
): Promise<boolean> {
  const pace = new Pace(interval);
  const end = pace.time + delay;
  while (!isSo()) {
    if (pace.time >= end) return false;
    await pause(interval);
    pace.tick();
  }
  return true;
}

/**
 * Waits for a promise, but not for ever; the time that this process stood still does
 * not count.
 *
 * @param promise What is waited for.
 * @param delay Most milliseconds to wait.
 * @returns Whether the promise resolved in time.
 */
export async function endsWithin(
  promise: Promise<unknown>,
  delay: number,
): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([
      promise.then(() => true),
      patience(delay, over.signal).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}
