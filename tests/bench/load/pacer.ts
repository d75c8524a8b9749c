/**
 * Beats faster than timers can: a thread of its own sleeps for fractions of a
 * millisecond and tells the thread that sends.
 *
 * @module
 */

/** Shortest sleep, in milliseconds; the system adds some 50 µs to each. */
const MIN_PERIOD = 0.05;

const THREAD = `
  const cell = new Int32Array(new SharedArrayBuffer(4));
  self.onmessage = ({ data: period }) => {
    while (true) {
      Atomics.wait(cell, 0, 0, period);
      self.postMessage(0);
    }
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
  thread.onmessage = onBeat;
  thread.postMessage(Math.max(1_000 / rate / 2, MIN_PERIOD));
  return { [Symbol.dispose]: () => thread.terminate() };
}
