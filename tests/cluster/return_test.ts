import { assertEquals, assertGreater } from "@std/assert";
import { returnReportOf, runReturn } from "../chaos/return_run.ts";

/** Sockets that were cut may take a while to be closed. */
const BARE = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "what clients of the library claim is so, though cables fail and a worker is killed",
  BARE,
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const seeds = Array.from({ length: 10 }, (_, i) => 1 + i);

      const result = await runReturn({
        seeds,
        together: seeds.length,
        duration: 2_000,
        folder,
        say: () => {},
      });

      assertEquals(result.wrong, [], returnReportOf(result));
      assertGreater(result.counts.returns, 0);
      assertGreater(result.counts.claimed, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
