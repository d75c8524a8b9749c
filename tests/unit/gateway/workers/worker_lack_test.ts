import { assertEquals } from "@std/assert";
import { Router } from "../../../../lib/gateway/workers/router.ts";
import { WorkerLack } from "../../../../lib/gateway/workers/worker_lack.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";

const TIMEOUT = 30_000;

/** A lack at a time that the test sets, and a worker that takes clients. */
function begin() {
  const clock = { time: 500 };
  const router = new Router();
  const lack = new WorkerLack(router, {
    timeout: TIMEOUT,
    now: () => clock.time,
  });
  const worker = { takesClients: true, clients: 0 };
  return { clock, router, lack, worker, link: worker as unknown as WorkerLink };
}

Deno.test("WorkerLack refuses nobody until there was no worker for the whole time", () => {
  const { clock, lack } = begin();

  clock.time += TIMEOUT - 1;
  assertEquals(lack.refusal(), undefined);
  clock.time += 1;

  assertEquals(lack.refusal()?.status, 503);
  assertEquals(lack.refusal()?.headers, [["Retry-After", "5"]]);
});

Deno.test("WorkerLack counts from when a worker was last seen", () => {
  const { clock, router, lack, link } = begin();
  router.add(link);
  clock.time += 10 * TIMEOUT;
  lack.sweep();
  router.remove(link);

  clock.time += TIMEOUT - 1;
  assertEquals(lack.refusal(), undefined);
  clock.time += 1;
  assertEquals(lack.refusal()?.status, 503);

  router.add(link);
  assertEquals(lack.refusal(), undefined);
});

Deno.test("WorkerLack takes a worker that leaves for none", () => {
  const { clock, router, lack, worker, link } = begin();
  router.add(link);
  worker.takesClients = false;

  clock.time += TIMEOUT;

  assertEquals(lack.refusal()?.status, 503);
});
