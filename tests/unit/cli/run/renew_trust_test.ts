import { assertEquals, assertRejects } from "@std/assert";
import { renewAll } from "../../../../lib/cli/run/renew_trust.ts";
import {
  ChildError,
  type ChildState,
} from "../../../../lib/process/supervisor.ts";

/** Children that answer this. */
function answering(answers: Record<string, unknown>) {
  const states = Object.entries(answers).map(([name, answer]): ChildState => ({
    name,
    pid: 1,
    uptime: 1,
    restarts: 0,
    answer,
  }));
  return { ask: () => Promise.resolve(states) };
}

Deno.test("renewAll() names a child that does not answer, and goes on", async () => {
  const said: string[] = [];

  await renewAll(
    answering({ "worker 0": undefined, "worker 1": {} }),
    (line) => said.push(line),
  );

  assertEquals(said, [
    "worker 0 does not answer, and goes on with the keys and certificates that it has",
    "Read the secret keys and certificates again",
  ]);
});

Deno.test("renewAll() rejects if a child cannot use its files, and names it", async () => {
  await assertRejects(
    () =>
      renewAll(
        answering({ "worker 0": {}, "worker 1": { failure: "Cannot read" } }),
        () => {},
      ),
    ChildError,
    "Cannot read (worker 1)",
  );
});
