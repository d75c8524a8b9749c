import { framesOf, placeOf } from "../base/thrown.ts";
import { roomLogger } from "../observe/logger.ts";
import { type ThrownLine, ThrownLog } from "../observe/thrown_log.ts";

/** A promise that the user's code left alone. */
const REJECTED: ThrownLine = {
  kind: "uncaught rejection",
  text:
    "Nobody caught {reason}: a promise was rejected that nobody awaits; this process goes on, with all its clients ({suppressed} like this before)",
  facts: {},
};

/** A timer, or another callback of the runtime's. */
const THROWN: ThrownLine = {
  kind: "uncaught",
  text:
    "Nobody caught {reason}: thrown in a timer or another callback; this process goes on, with all its clients ({suppressed} like this before)",
  facts: {},
};

/**
 * Goes on when the user's code leaves an error to nobody: in a promise that it does not
 * await, or in a timer. By default that ends the process, so that one slip in a handler,
 * and one client who knows of it, would harm all others. It is logged instead. What our
 * own code leaves to nobody ends the process as ever.
 *
 * @returns Disposing it makes such errors end the process again.
 */
export function surviveUncaught(): Disposable {
  const log = new ThrownLog(roomLogger("process"));
  const survive = (event: Event, line: ThrownLine, thrown: unknown) => {
    const frames = framesOf(thrown);
    if (frames.length > 0 && placeOf(frames) === undefined) return;
    event.preventDefault();
    log.add(line, thrown);
  };
  const onRejection = (event: PromiseRejectionEvent) =>
    survive(event, REJECTED, event.reason);
  const onError = (event: ErrorEvent) => survive(event, THROWN, event.error);
  addEventListener("unhandledrejection", onRejection);
  addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      removeEventListener("unhandledrejection", onRejection);
      removeEventListener("error", onError);
    },
  };
}
