// deno-lint-ignore-file no-console -- a program: the test reads its line
/**
 * A supervisor that asks its child again and again, and prints how many bytes each
 * question leaves behind. Needs `--v8-flags=--expose-gc`.
 *
 * @module
 */
import { Child } from "../../lib/process/child.ts";

const COUNT = 3_000;

const path = import.meta.resolve("./child.ts");
const child = new Child({
  name: "child",
  command: [Deno.execPath(), "run", "-A", path, "answers"],
}, { onOutput: () => {}, onAsked: () => {} });
await child.started;

function heap(): number {
  (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed;
}

async function ask(): Promise<void> {
  for (let i = 0; i < COUNT; i++) await child.ask(i, 5_000);
}

await ask();
const before = heap();
await ask();
console.log(`${Math.round((heap() - before) / COUNT)} bytes each`);
child.order({ command: "stop" });
await child.exited;
