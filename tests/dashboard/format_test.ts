/** Figures look the same on the page as on the command line. @module */

import { assertEquals } from "@std/assert";
import {
  bytes,
  count,
  duration,
  percent,
} from "../../lib/dashboard/assets/format.js";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatPercent,
} from "../../lib/cli/print/table.ts";

/** Figures of every size, at limits and beside them. */
const FIGURES = [0, 0.4, 0.5, 1, 9.96, 10, 59, 60, 1_023, 1_024, 3_599, 86_400]
  .concat([10_239, 10_240, 1_048_575, 1_048_576, 427_819_008, 5e12, 2e15]);

Deno.test("the page writes bytes, numbers, times and parts as the command line does", () => {
  for (const figure of FIGURES) {
    assertEquals(bytes(figure), formatBytes(figure));
    assertEquals(count(figure), formatCount(figure));
    assertEquals(duration(figure), formatDuration(figure));
    assertEquals(percent(figure / 100), formatPercent(figure / 100));
  }
});
