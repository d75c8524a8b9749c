/** Something that takes bytes at once: standard output, standard error. */
export interface SyncWriter {
  /** Writes some of the bytes; returns how many. */
  writeSync(bytes: Uint8Array): number;
}

const encoder = new TextEncoder();

/**
 * Writes all of it, in order with everything else written this way. Whoever read
 * the other end may have left (`… | head`): then the rest is nobody's.
 */
export function writeAll(target: SyncWriter, data: Uint8Array | string): void {
  let rest = typeof data === "string" ? encoder.encode(data) : data;
  try {
    while (rest.length > 0) rest = rest.subarray(target.writeSync(rest));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
