import { assertEquals } from "@std/assert";
import { phpTest } from "../_support/php_peers.ts";
import { moveWorkers } from "./rolling_move.ts";

phpTest(
  "clients do not notice that their workers are moved to ours",
  async () => {
    const { steps, disconnects } = await moveWorkers({
      clients: 20,
      rate: 10,
      rest: 500,
    });
    assertEquals(disconnects, 0);
    const [before, , , after] = steps;
    assertEquals([before?.lost, after?.lost], [0, 0]);
    assertEquals(after?.byPhp, 0);
    assertEquals(steps.map(({ twice }) => twice), [0, 0, 0, 0]);
  },
);
