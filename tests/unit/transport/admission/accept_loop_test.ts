import { assertEquals } from "@std/assert";
import { acceptAll } from "../../../../lib/transport/admission/accept_loop.ts";
import { LogLines } from "../../../_support/log_lines.ts";

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

Deno.test("acceptAll() takes every connection until the acceptor is closed", async () => {
  const taken: string[] = [];

  await acceptAll(acceptorOf(["a", "b"]), (stream) => taken.push(stream));

  assertEquals(taken, ["a", "b"]);
});

Deno.test("acceptAll() goes on after failures, waits longer each time, and says so", async () => {
  await using log = await LogLines.collect();
  const taken: string[] = [];
  const full = new Error("Too many open files");

  await acceptAll(
    acceptorOf([full, full, "a", full, "b"]),
    (stream) => taken.push(stream),
  );

  assertEquals(taken, ["a", "b"]);
  assertEquals(log.lines, [
    "Cannot accept, trying again in 5 ms: Too many open files",
    "Cannot accept, trying again in 10 ms: Too many open files",
    "Cannot accept, trying again in 5 ms: Too many open files",
  ]);
});
