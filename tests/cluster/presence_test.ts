/** Who is here, compared with what is so, while gateways and workers are killed. @module */

import { assertEquals, assertGreater } from "@std/assert";
import { presenceReportOf } from "../chaos/presence_report.ts";
import { runPresence } from "../chaos/presence_run.ts";

/** Sockets whose gateway was killed may take a while to be closed. */
const BARE = { sanitizeOps: false, sanitizeResources: false };

/** Milliseconds, long for a busy machine: what is told must be right, and soon enough is measured elsewhere. */
const PATIENCE = 20_000;

Deno.test(
  "who is here is so, and each join and leave is told once, though a gateway and workers are killed",
  BARE,
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const result = await runPresence({
        seed: 7,
        users: 40,
        rounds: 2,
        duration: 700,
        watchers: 2,
        limits: { one: PATIENCE, both: PATIENCE },
        folder,
        say: () => {},
      });

      assertEquals(result.wrong, [], presenceReportOf(result));
      assertGreater(result.counts["goes"] ?? 0, 0);
      assertGreater(result.counts["watched"] ?? 0, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
