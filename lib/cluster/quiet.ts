/**
 * Makes a promise harmless that nobody awaits: whoever awaits it sees its error, and
 * without anybody it is no unhandled rejection.
 *
 * @param promise Whatever a caller may leave alone.
 * @returns The same promise.
 */
export function quiet<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {
    // Seen by whoever awaits the promise.
  });
  return promise;
}
