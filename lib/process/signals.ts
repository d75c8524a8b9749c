/** What a process does when it is sent a signal. */
export interface SignalActions {
  /** SIGINT or SIGTERM, the first time. */
  stop(): void;
  /** SIGINT or SIGTERM, every further time. */
  stopNow(): void;
  /** SIGHUP. Without this action the signal ends the process, as it does by default. */
  reload?(): void;
}

/**
 * Acts on signals until disposed.
 *
 * @param actions What to do.
 * @returns Disposing it restores what the system does by default.
 */
export function onSignals(actions: SignalActions): Disposable {
  let asked = false;
  const stop = () => {
    if (asked) return actions.stopNow();
    asked = true;
    actions.stop();
  };
  using listeners = new DisposableStack();
  listeners.use(onSignal("SIGINT", stop));
  if (Deno.build.os === "windows") return listeners.move();
  listeners.use(onSignal("SIGTERM", stop));
  if (actions.reload !== undefined) {
    listeners.use(onSignal("SIGHUP", () => actions.reload?.()));
  }
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
