import { AssertionError } from "@std/assert";

/** Most milliseconds that a condition is waited for: a busy machine takes its time. */
const LIMIT = 30_000;

/** Milliseconds between two looks. */
const INTERVAL = 2;

/** The clock, even if a test has put another one in its place. */
const elapsed = performance.now.bind(performance);

/**
 * Waits until a condition holds that nobody reports.
 *
 * @param what The condition in words, for when it never holds.
 */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadline = elapsed() + LIMIT;
  while (!await holds()) {
    if (elapsed() > deadline) {
      throw new AssertionError(`It never was: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
}
