import { assertEquals } from "@std/assert";
import { findGone } from "../../../lib/worker/testament.ts";
import type { ClusterReport } from "../../../lib/observe/report.ts";

/** What a Register says of one worker at each look: its uptime, or that it is not there. */
async function fateOf(
  uptimes: readonly (number | undefined)[],
  { registerUptime = 1_000, isLate = false } = {},
): Promise<string[]> {
  const end = new AbortController();
  let look = 0;
  const ask = (): Promise<ClusterReport> => {
    const uptime = uptimes[look++];
    if (look === uptimes.length) end.abort();
    const node = { name: "", address: "" };
    return Promise.resolve({
      registers: [{ ...node, id: "register", uptime: registerUptime }],
      gateways: [],
      workers: uptime === undefined ? [] : [{ ...node, id: "worker", uptime }],
    });
  };
  const gone: string[] = [];
  const options = { signal: end.signal, isLate };
  for await (const each of findGone(["worker"], ask, options)) gone.push(each);
  return gone;
}

Deno.test("findGone() yields a worker that is not listed at the first look", async () => {
  assertEquals(await fateOf([undefined]), ["worker"]);
});

Deno.test("findGone() yields a worker whose reports stop before it is listed no more", async () => {
  assertEquals(await fateOf([7, 7, undefined]), ["worker"]);
});

Deno.test("findGone() leaves a worker alone whose reports go on", async () => {
  assertEquals(await fateOf([7, 8, undefined]), []);
});

Deno.test("findGone() leaves a worker alone that lived and then left", async () => {
  assertEquals(await fateOf([7, undefined]), []);
});

Deno.test("findGone() does not believe the list of a Register that has just been started", async () => {
  assertEquals(await fateOf([undefined], { registerUptime: 4 }), []);
});

Deno.test("findGone() does not know what became of a worker if it looks late, unless it sees its reports stop", async () => {
  assertEquals(await fateOf([undefined], { isLate: true }), []);
  assertEquals(await fateOf([7, 7, undefined], { isLate: true }), ["worker"]);
});
