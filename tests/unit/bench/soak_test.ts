import { assertEquals, assertStringIncludes } from "@std/assert";
import { growthOf, type MemoryPoint } from "../../soak/growth.ts";
import type { RoleReport } from "../../soak/role_process.ts";
import { leftovers } from "../../soak/soak_cluster.ts";

/** Points of a process whose live objects grow by `step` bytes a round. */
function points(step: number, noise: readonly number[]): MemoryPoint[] {
  return noise.map((each, i) => ({
    rss: 90_000_000 + each + i * step,
    live: 13_000_000 + i * step,
  }));
}

const NOISE = [0, 9e6, 1e6, 3e6, 0, 2e6, 9e5, 3e6, 0, 1e6, 2e6, 5e5];

function report(left: Record<string, number>): RoleReport {
  return { rss: 1, live: 1, address: "", links: 1, left };
}

Deno.test("growthOf() takes noise for noise", () => {
  assertEquals(growthOf(points(0, NOISE)).complaint, undefined);
});

Deno.test("growthOf() complains of live objects that become more with every round", () => {
  const { complaint = "", liveGrowth } = growthOf(points(200_000, NOISE));

  assertEquals(liveGrowth, 1_200_000);
  assertStringIncludes(complaint, "1200000 bytes of live objects");
});

Deno.test("growthOf() complains of memory that grows outside of the heap", () => {
  const grown = points(0, NOISE).map(({ rss, live }, i) => ({
    rss: rss + i * 2_000_000,
    live,
  }));

  assertStringIncludes(growthOf(grown).complaint ?? "", "bytes of memory");
});

Deno.test("growthOf() leaves out what grows at the start alone", () => {
  const early = points(0, NOISE).map(({ rss, live }, i) => ({
    rss,
    live: live - (i < 3 ? 5_000_000 : 0),
  }));

  assertEquals(growthOf(early).complaint, undefined);
});

Deno.test("leftovers() names each process and what is left there, and nothing else", () => {
  const reports = new Map([
    ["gateway 1", report({ clients: 0, "events in flight": 2 })],
    ["worker 1", report({ lanes: 1 })],
  ]);

  assertEquals(leftovers(reports), [
    "gateway 1: 2 events in flight",
    "worker 1: 1 lanes",
  ]);
});
