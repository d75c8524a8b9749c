/**
 * Loaded before a role's own program: tells how many bytes the role's thread has
 * allocated in the heap of V8 so far, whenever the process gets SIGUSR2.
 *
 * @module
 */
import { getHeapStatistics } from "node:v8";
import { ANSWER_FOLDER } from "./allocations.ts";

Deno.addSignalListener("SIGUSR2", () => {
  const path = `${Deno.env.get(ANSWER_FOLDER)}/${Deno.pid}`;
  // Not in the types of Deno's `node:v8`.
  const { total_allocated_bytes: bytes } = getHeapStatistics() as unknown as {
    total_allocated_bytes: number;
  };
  // Whole at once: the reader takes the file as soon as it is there.
  Deno.writeTextFileSync(`${path}.new`, String(bytes));
  Deno.renameSync(`${path}.new`, path);
});
