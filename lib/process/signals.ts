import { now } from "../base/clock.ts";

/** What a process does when it is sent a signal. */
export interface SignalActions {
  /** SIGINT or SIGTERM, the first time; or the terminal was closed. */
  stop(): void;
  /** SIGINT or SIGTERM, every further time. */
  stopNow(): void;
  /** SIGHUP. Without this action the signal ends the process, as it does by default. */
  reload?(): void;
}

/**
 * Two signals within this time are one wish, in milliseconds: whatever started
 * this process (npx, a task runner) may pass on the Ctrl-C that the terminal has
 * sent to all of them.
 */
const SAME_WISH_TIME = 250;

/**
 * Acts on signals until disposed.
 *
 * @param actions What to do.
 * @param sameWishTime Milliseconds in which a second signal does not count.
 * @returns Disposing it restores what the system does by default.
 */
export function onSignals(
  actions: SignalActions,
  sameWishTime: number = SAME_WISH_TIME,
): Disposable {
  let askedAt: number | undefined;
  const stop = () => {
    const time = now();
    if (askedAt === undefined) {
      askedAt = time;
      actions.stop();
    } else if (time - askedAt >= sameWishTime) actions.stopNow();
  };
  using listeners = new DisposableStack();
  listeners.use(onSignal("SIGINT", stop));
  if (Deno.build.os === "windows") return listeners.move();
  listeners.use(onSignal("SIGTERM", stop));
  if (actions.reload === undefined) return listeners.move();
  const hadTerminal = Deno.stdin.isTerminal();
  listeners.use(onSignal("SIGHUP", () => {
    // A terminal that was closed is none any more: then nobody wants a reload.
    const hangup = hadTerminal && !Deno.stdin.isTerminal();
    return hangup ? stop() : actions.reload?.();
  }));
  return listeners.move();
}

/**
 * What a supervised process does with signals. Ctrl-C and a closed terminal reach
 * every process of the group, yet the order in which they stop is the
 * supervisor's: so these do nothing here, and SIGTERM asks the supervisor.
 *
 * @param ask Asks the supervisor for the order to stop.
 * @returns Disposing it restores what the system does by default.
 */
export function deferSignals(ask: () => void): Disposable {
  using listeners = new DisposableStack();
  listeners.use(onSignal("SIGINT", () => {}));
  if (Deno.build.os === "windows") return listeners.move();
  listeners.use(onSignal("SIGHUP", () => {}));
  listeners.use(onSignal("SIGTERM", ask));
  return listeners.move();
}

function onSignal(signal: Deno.Signal, action: () => void): Disposable {
  Deno.addSignalListener(signal, action);
  return {
    [Symbol.dispose]: () => Deno.removeSignalListener(signal, action),
  };
}
