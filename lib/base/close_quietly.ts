/** Closes what may have been closed already: that is what is wanted. */
export function closeQuietly(open: { close(): void }): void {
  try {
    open.close();
  } catch {
    // Closed already, by a time-out, by the other end or by the runtime.
  }
}
