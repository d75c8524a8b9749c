import { assertEquals, assertGreater } from "@std/assert";
import { returnReportOf, runReturn } from "../chaos/return_run.ts";

Deno.test("what clients of the library claim is so, though cables fail and a worker is killed", async () => {
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
});
