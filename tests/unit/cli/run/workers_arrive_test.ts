import { assertEquals } from "@std/assert";
import { workersArrive } from "../../../../lib/cli/run/workers_arrive.ts";
import type { Supervisor } from "../../../../lib/process/supervisor.ts";

/** A supervisor of two gateways: of each, the states that it tells one after another. */
function supervisorOf(...states: string[][]) {
  let asked = 0;
  const ask = () => {
    const look = asked++;
    return Promise.resolve(states.map((each, index) => {
      const state = each[Math.min(look, each.length - 1)];
      const report = { id: `${index}`, state };
      const answer = { registers: [], workers: [], gateways: [report] };
      return { name: `gateway ${index}`, answer };
    }));
  };
  return {
    supervisor: { ask } as unknown as Supervisor,
    asked: () => asked,
  };
}

Deno.test("workersArrive() waits until every gateway has a worker", async () => {
  const { supervisor, asked } = supervisorOf(
    ["waiting", "ready"],
    ["waiting", "waiting", "ready"],
  );

  await workersArrive(supervisor, new AbortController().signal);

  assertEquals(asked(), 3);
});

Deno.test("workersArrive() waits no longer once it is aborted", async () => {
  const { supervisor, asked } = supervisorOf(["waiting"]);

  await workersArrive(supervisor, AbortSignal.abort());

  assertEquals(asked(), 0);
});
