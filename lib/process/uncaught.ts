import { framesOf, placeOf } from "../base/thrown.ts";
import { roomLogger } from "../observe/logger.ts";
import { type ThrownLine, ThrownLog } from "../observe/thrown_log.ts";

const UNCAUGHT: ThrownLine = {
  kind: "uncaught",
  text:
    "Nobody caught {reason}: going on, as all clients of this process would suffer ({suppressed} like this before)",
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
  const survive = (event: Event, thrown: unknown) => {
    const frames = framesOf(thrown);
    if (frames.length > 0 && placeOf(frames) === undefined) return;
    event.preventDefault();
    log.add(UNCAUGHT, thrown);
  };
  const onRejection = (event: PromiseRejectionEvent) =>
    survive(event, event.reason);
  const onError = (event: ErrorEvent) => survive(event, event.error);
  addEventListener("unhandledrejection", onRejection);
  addEventListener("error", onError);
  return {
    [Symbol.dispose]() {
      removeEventListener("unhandledrejection", onRejection);
      removeEventListener("error", onError);
    },
  };
}
