/** Something that takes bytes at once: standard output, standard error. */
export interface SyncWriter {
  /** Writes some of the bytes; returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/** Most milliseconds that a full pipe is waited for. */
const MAX_WAIT = 1_000;

const encoder = new TextEncoder();

/** Never notified: waiting on it is sleeping. */
const bell = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes all of it, in order with everything else written this way. Whoever read
 * the other end may have left (`… | head`, a closed terminal), or have put the pipe
 * into a mode in which it takes nothing while it is full, and then not read: the
 * rest is lost.
 */
export function writeAll(target: SyncWriter, data: Uint8Array | string): void {
  let rest = typeof data === "string" ? encoder.encode(data) : data;
  for (let waited = 0; rest.length > 0 && waited <= MAX_WAIT;) {
    try {
      rest = rest.subarray(target.writeSync(rest));
    } catch (error) {
      if (isGone(error)) return;
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(bell, 0, 0, 1);
      waited++;
    }
  }
}

/** A pipe breaks; a closed terminal gives an error of input and output. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    (error instanceof Error && "code" in error && error.code === "EIO");
}
