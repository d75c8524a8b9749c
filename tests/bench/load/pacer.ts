/**
 * Beats faster than timers can: a thread of its own sleeps for fractions of a
 * millisecond and tells the thread that sends.
 *
 * @module
 */

/** Shortest sleep, in milliseconds; the system adds some 50 µs to each. */
const MIN_PERIOD = 0.05;

const THREAD = `
  self.onmessage = ({ data: { cell, period } }) => {
    while (Atomics.wait(cell, 0, 0, period) === "timed-out") self.postMessage(0);
    self.close();
  };
`;

/**
 * Starts to beat.
 *
 * @param rate Beats a second that are wished for; about 8,000 is the most.
 * @param onBeat Called at each beat.
 * @returns Stops it when disposed.
 */
export function startPacer(rate: number, onBeat: () => void): Disposable {
  const url = `data:text/javascript,${encodeURIComponent(THREAD)}`;
  const thread = new Worker(url, { type: "module" });
  const cell = new Int32Array(new SharedArrayBuffer(4));
  thread.onmessage = onBeat;
  thread.postMessage({ cell, period: Math.max(1_000 / rate / 2, MIN_PERIOD) });
  return {
    [Symbol.dispose]() {
      // A thread that sleeps does not hear terminate(): wake it, and it ends itself.
      Atomics.store(cell, 0, 1);
      Atomics.notify(cell, 0);
    },
  };
}
