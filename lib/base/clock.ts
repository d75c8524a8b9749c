/**
 * Tells the time that has passed, for measuring how long something takes or waits.
 * It only goes forward, and keeps its pace when the machine's clock is set: the time
 * of day (`Date`) is for people to read, never for a duration.
 *
 * @returns Milliseconds since this process began, with fractions.
 */
export function now(): number {
  return performance.now();
}
