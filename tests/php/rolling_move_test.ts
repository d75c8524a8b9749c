import { assertEquals } from "@std/assert";
import { phpTest } from "../_support/php_peers.ts";
import { loseWorkers, moveWorkers } from "./rolling_move.ts";

const LOAD = { clients: 20, rate: 10, rest: 500 };

phpTest(
  "clients do not notice that their workers are moved to ours",
  async () => {
    const { steps, disconnects } = await moveWorkers(LOAD);
    assertEquals(disconnects, 0);
    const [before, , , after] = steps;
    assertEquals([before?.lost, after?.lost], [0, 0]);
    assertEquals(after?.byPhp, 0);
    assertEquals(steps.map(({ twice }) => twice), [0, 0, 0, 0]);
  },
);

phpTest(
  "clients of our gateways outlive workers of the original that are stopped and killed",
  async () => {
    const { steps, disconnects } = await loseWorkers(LOAD);
    assertEquals(disconnects, 0);
    const [before, , , after] = steps;
    assertEquals([before?.lost, after?.lost], [0, 0]);
    assertEquals(after?.byPhp, 0);
    assertEquals(steps.map(({ twice }) => twice), [0, 0, 0, 0]);
  },
);
