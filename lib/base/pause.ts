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
 * Waits for a promise, but not for ever.
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
      pause(delay, over.signal).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}
