import { assertEquals } from "@std/assert";
import type { Census } from "../../../lib/worker/census.ts";
import { findGone } from "../../../lib/worker/testament.ts";
import type { ClusterReport } from "../../../lib/observe/report.ts";

/** What a Register says of one worker: its uptime, or that it is not there. */
type Answer = number | undefined;

const NODE = { name: "", address: "" };

function reportOf(uptime: Answer): ClusterReport {
  const workers = uptime === undefined ? [] : [
    { ...NODE, id: "worker", uptime },
  ];
  return { registers: [], gateways: [], workers };
}

/** What becomes of a worker of which that is said at each look. */
async function fateOf(
  looks: readonly Census[],
  isLate = false,
): Promise<string[]> {
  const end = new AbortController();
  let look = 0;
  const ask = (): Promise<Census> => {
    const census = looks[look++];
    if (look >= looks.length) end.abort();
    return Promise.resolve(census ?? { reports: [], isComplete: false });
  };
  const gone: string[] = [];
  const options = { signal: end.signal, isLate, interval: 1 };
  for await (const each of findGone(["worker"], ask, options)) gone.push(each);
  return gone;
}

/** All Registers that matter have answered. */
function all(...answers: Answer[]): Census {
  return { reports: answers.map(reportOf), isComplete: true };
}

/** One more Register matters, and has not answered. */
function some(...answers: Answer[]): Census {
  return { reports: answers.map(reportOf), isComplete: false };
}

Deno.test("findGone() yields a worker that is not listed at the first look", async () => {
  assertEquals(await fateOf([all(undefined)]), ["worker"]);
});

Deno.test("findGone() yields a worker whose reports stop before it is listed no more", async () => {
  assertEquals(await fateOf([all(7), all(7), all(undefined)]), ["worker"]);
});

Deno.test("findGone() leaves a worker alone whose reports go on", async () => {
  assertEquals(await fateOf([all(7), all(8), all(undefined)]), []);
});

Deno.test("findGone() leaves a worker alone that lived and then left", async () => {
  assertEquals(await fateOf([all(7), all(undefined)]), []);
});

Deno.test("findGone() leaves a worker alone that any Register lists", async () => {
  assertEquals(await fateOf([all(undefined, 7), all(undefined, 8)]), []);
});

Deno.test("findGone() waits for a Register that may list the worker", async () => {
  assertEquals(await fateOf([some(undefined), some(undefined)]), []);
  assertEquals(
    await fateOf([some(undefined), all(undefined, 7), all(undefined, 8)]),
    [],
  );
  assertEquals(
    await fateOf([some(undefined), some(undefined), all(undefined)]),
    ["worker"],
  );
});

Deno.test("findGone() yields nothing as long as no Register answers, and then what the first says", async () => {
  assertEquals(await fateOf([some(), some()]), []);
  assertEquals(await fateOf([some(), all(undefined)]), ["worker"]);
});

Deno.test("findGone() does not know what became of a worker if it looks late, unless it sees its reports stop", async () => {
  assertEquals(await fateOf([all(undefined)], true), []);
  assertEquals(
    await fateOf([all(7), all(7), all(undefined)], true),
    ["worker"],
  );
});
