/**
 * Waits, unless there is no more reason to.
 *
 * @param delay Milliseconds.
 * @param signal Ends the wait early.
 * @returns Resolves when the time is over or the signal aborted; never rejects.
 */
export function pause(delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delay);
    signal.addEventListener("abort", end);
  });
}
