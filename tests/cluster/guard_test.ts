import { assert, assertEquals } from "@std/assert";
import { Guard } from "../../lib/process/guard.ts";
import { allGone, isRunning } from "../_support/processes.ts";

/** Runs this module as a supervisor that is about to be killed. */
if (import.meta.main) {
  const sleepers = ["--supervised", "another"].map((word) =>
    new Deno.Command("/bin/sh", {
      args: ["-c", "sleep 5; true", word],
    }).spawn()
  );
  const guard = Guard.start(1_000);
  for (const { pid } of sleepers) await guard?.add(pid);
  await Deno.stdout.write(
    new TextEncoder().encode(
      `${JSON.stringify(sleepers.map(({ pid }) => pid))}\n`,
    ),
  );
  await sleepers[0]?.status;
}

Deno.test("Guard ends the children of a killed supervisor that do not leave, and no other process", async () => {
  const supervisor = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.url],
    stdout: "piped",
  }).spawn();
  const reader = supervisor.stdout.getReader();
  const { value } = await reader.read();
  const [child = 0, other = 0]: number[] = JSON.parse(
    new TextDecoder().decode(value),
  );

  supervisor.kill("SIGKILL");
  await supervisor.status;
  await reader.cancel();
  assert(isRunning(child));
  await allGone([child]);

  assertEquals(isRunning(other), true);
  Deno.kill(other, "SIGKILL");
});

Deno.test("Guard leaves when its supervisor ends properly", async () => {
  const guard = Guard.start(60_000);
  await guard?.add(Deno.pid);

  await guard?.[Symbol.asyncDispose]();

  assert(isRunning(Deno.pid));
});
