import { assertEquals } from "@std/assert";
import { layOutBaseline, readBaseline } from "./baseline.ts";
import { allOf } from "./mixed_cluster.ts";
import { roll } from "./rolling.ts";

const revision = await readBaseline();
const before = await layOutBaseline();
const now = new URL("../..", import.meta.url).pathname;
const why = before === undefined
  ? ` (skipped: this clone does not have revision ${revision})`
  : "";

Deno.test({
  name:
    `Register, gateways and worker are upgraded in turn: clients of the library lose nothing, leave nobody but gateways that go, and keep their sessions where those know how${why}`,
  ignore: before === undefined,
  fn: async () => {
    const { wrong } = await roll(allOf(before ?? ""), allOf(now));

    assertEquals(wrong, []);
  },
});
