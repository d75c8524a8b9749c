// Not with SIGINT: that one ends the test runner. See tests/cluster/cli_test.ts.
import { assertEquals } from "@std/assert";
import { deferSignals, onSignals } from "../../../lib/process/signals.ts";

/** What was done about signals, and the means to wait for it. */
class Actions {
  readonly done: string[] = [];
  #wake = () => {};

  stop = () => this.#add("stop");
  stopNow = () => this.#add("stop now");
  reload = () => this.#add("reload");

  /** Sends this process a signal and waits for the next thing done. */
  async after(signal: Deno.Signal): Promise<void> {
    const woken = new Promise<void>((resolve) => this.#wake = resolve);
    // Listening to signals alone does not keep the event loop going.
    const timer = setTimeout(() => {}, 20_000);
    Deno.kill(Deno.pid, signal);
    await woken;
    clearTimeout(timer);
  }

  #add(what: string): void {
    this.done.push(what);
    this.#wake();
  }
}

Deno.test("onSignals() stops at the first signal and stops now at the second", async () => {
  const actions = new Actions();
  using _signals = onSignals(actions, 0);

  await actions.after("SIGTERM");
  await actions.after("SIGTERM");

  assertEquals(actions.done, ["stop", "stop now"]);
});

Deno.test("onSignals() takes signals that follow at once for the same wish", async () => {
  const actions = new Actions();
  using _signals = onSignals(actions, 60_000);

  await actions.after("SIGTERM");
  Deno.kill(Deno.pid, "SIGTERM");
  await actions.after("SIGHUP");

  assertEquals(actions.done, ["stop", "reload"]);
});

Deno.test("deferSignals() asks at SIGTERM and ignores what a terminal sends to all", async () => {
  const actions = new Actions();
  using _signals = deferSignals(() => actions.stop());

  Deno.kill(Deno.pid, "SIGHUP");
  await actions.after("SIGTERM");

  assertEquals(actions.done, ["stop"]);
});
