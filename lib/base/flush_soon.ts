/**
 * Hot: runs once per batch of reads. Whoever appends to an outbox asks for a flush;
 * the flush runs when the current run of promise jobs is over, so that all that was
 * parsed from one read leaves in one write per destination.
 *
 * @module
 */

/** Something with bytes to write. */
export interface Flushable {
  /** Starts a write if there are bytes and none is in flight. */
  flush(): void;
}

let waiting: Flushable[] = [];

/** Flushes the target when the code that runs now has come to its end. */
export function flushSoon(target: Flushable): void {
  if (waiting.push(target) === 1) queueMicrotask(flushAll);
}

function flushAll(): void {
  const targets = waiting;
  waiting = [];
  for (const target of targets) target.flush();
}
