/** How long something may take. */
export interface Patience {
  /** Most milliseconds; 0 for no limit. */
  readonly timeout: number;
  /** Ends the wait when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** What to say when it took too long. */
  readonly message: string;
}

/**
 * Waits for what may never come. What comes too late is nobody's, also if it fails.
 *
 * @param promise What is waited for.
 * @param patience How long.
 * @returns What came.
 * @throws {Deno.errors.TimedOut} If it took too long.
 * @throws {unknown} The signal's reason, if that was aborted first.
 */
export async function inTime<Value>(
  promise: Promise<Value>,
  { timeout, signal, message }: Patience,
): Promise<Value> {
  const over = Promise.withResolvers<never>();
  const late = () => over.reject(new Deno.errors.TimedOut(message));
  const abort = () => over.reject(signal?.reason);
  const timer = timeout === 0 ? undefined : setTimeout(late, timeout);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted) abort();
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
