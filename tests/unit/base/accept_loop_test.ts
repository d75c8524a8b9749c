import { assertEquals } from "@std/assert";
import { acceptAll } from "../../../lib/base/accept_loop.ts";
import { messageOf } from "../../../lib/base/errors.ts";

/** Accepts what the test says, one after another; then it is closed. */
function acceptorOf(results: (string | Error)[]) {
  return {
    accept(): Promise<string> {
      const next = results.shift() ?? new Deno.errors.BadResource("closed");
      return next instanceof Error
        ? Promise.reject(next)
        : Promise.resolve(next);
    },
  };
}

Deno.test("acceptAll() yields every connection until the acceptor is closed", async () => {
  const taken = acceptAll(acceptorOf(["a", "b"]), { failed: () => {} });

  assertEquals(await Array.fromAsync(taken), ["a", "b"]);
});

Deno.test("acceptAll() goes on after failures, waits longer each time, and says so", async () => {
  const said: string[] = [];
  const full = new Error("Too many open files");
  const failed = (error: unknown, delay: number) =>
    said.push(`${delay} ${messageOf(error)}`);

  const taken = await Array.fromAsync(
    acceptAll(acceptorOf([full, full, "a", full, "b"]), { failed }),
  );

  assertEquals(taken, ["a", "b"]);
  assertEquals(said, [
    "5 Too many open files",
    "10 Too many open files",
    "5 Too many open files",
  ]);
});

Deno.test("acceptAll() ends at once when it waits and is told to", async () => {
  const over = new AbortController();
  const failing = { accept: () => Promise.reject(new Error("full")) };
  const said: number[] = [];
  const failed = (_: unknown, delay: number) => {
    said.push(delay);
    over.abort();
  };

  const taken = acceptAll(failing, { failed, signal: over.signal });

  assertEquals(await Array.fromAsync(taken), []);
  assertEquals(said, [5]);
});

Deno.test("acceptAll() goes on at once after connections that broke before they were taken", async () => {
  const said: number[] = [];
  const failed = (_: unknown, delay: number) => said.push(delay);
  const { NotConnected, ConnectionAborted, ConnectionReset } = Deno.errors;
  const broken = [NotConnected, ConnectionAborted, ConnectionReset]
    .map((What) => new What("gone"));

  const taken = acceptAll(acceptorOf([...broken, "a"]), { failed });

  assertEquals(await Array.fromAsync(taken), ["a"]);
  assertEquals(said, []);
});
