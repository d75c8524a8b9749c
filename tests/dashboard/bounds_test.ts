/** What a look at a cluster costs, whatever the cluster's size. @module */

import { assertEquals, assertLess } from "@std/assert";
import { ClusterWatch } from "../../lib/dashboard/cluster_watch.ts";
import { Journal } from "../../lib/dashboard/journal.ts";
import { toSnapshot } from "../../lib/dashboard/snapshot.ts";
import { Register } from "../../mod.ts";
import { eventually } from "../_support/eventually.ts";
import { BigCluster } from "./big_cluster.ts";

/** Looks that are timed. */
const LOOKS = 30;

/** Most milliseconds of one look at the big cluster, with room for a busy machine. */
const MAX_LOOK = 100;

/** Most bytes of a snapshot. */
const MAX_BYTES = 150_000;

Deno.test("A look at 50 gateways, 100 workers and 500,000 clients is cheap and small", async () => {
  await using register = await Register.start({ listen: "127.0.0.1:0" });
  using _cluster = await BigCluster.join(register.addr, {
    gateways: 50,
    workers: 100,
    clients: 500_000,
  });
  await eventually("all have reported", () => {
    const { gateways, workers } = register.clusterReport();
    return [...gateways, ...workers].filter(({ state }) => state === "ready")
      .length === 150;
  });
  const journal = new Journal();
  const times: number[] = [];

  for (let look = 0; look < LOOKS; look++) {
    const start = performance.now();
    const report = register.clusterReport();
    journal.take(report, look);
    JSON.stringify(toSnapshot(report, look));
    times.push(performance.now() - start);
  }

  const snapshot = toSnapshot(register.clusterReport(), 0);
  const { gateways, workers, links, totals } = snapshot;
  const bytes = JSON.stringify(snapshot).length;
  const [typical = 0] = times.toSorted((a, b) => a - b).slice(LOOKS / 2);
  report(`a look: ${typical.toFixed(1)} ms, ${bytes} bytes`);
  assertEquals(
    [gateways.total, workers.total, links.total, totals.clients],
    [50, 100, 5_000, 500_000],
  );
  assertLess(typical, MAX_LOOK);
  assertLess(bytes, MAX_BYTES);
});

Deno.test("toSnapshot() is bounded for thousands of nodes, and shows those in trouble", () => {
  const node = (i: number) => ({
    id: `node-${i}`,
    name: "Gateway",
    address: "10.0.0.1:2000",
    uptime: 1,
    state: i === 4_999 ? "waiting" as const : "ready" as const,
  });
  const gateways = Array.from({ length: 5_000 }, (_, i) => node(i));

  const found = toSnapshot({ registers: [], gateways, workers: [] }, 0);

  assertEquals(found.gateways.total, 5_000);
  assertEquals(found.gateways.rows.length, 200);
  assertEquals(found.gateways.rows[0]?.id, "node-4999");
});

Deno.test("ClusterWatch remembers no more than five minutes", async () => {
  let looks = 0;
  const over = Promise.withResolvers<void>();
  const nobody = { registers: [], gateways: [], workers: [] };
  using watch = new ClusterWatch(() => Promise.resolve(nobody), 0);
  watch.watch(() => {
    if (++looks === 310) over.resolve();
  });

  watch.start();
  await over.promise;

  assertEquals(watch.points.length, 300);
});

/** Figures are worth seeing where tests run with their output shown. */
function report(line: string): void {
  // deno-lint-ignore no-console -- it is what the test is for
  console.log(line);
}

Deno.test("toSnapshot() adds up what gateways tell of people, and what older and broken ones do not", () => {
  const node = { name: "Gateway", address: "10.0.0.1:2000", uptime: 1 };
  const buckets: [] = [];
  const good = {
    ...node,
    id: "good",
    people: {
      firstAnswer: { p50: 2, p99: 40 },
      firstAnswers: { buckets, count: 3, sum: 1 },
      groupFanOut: { buckets, count: 4, sum: 10 },
    },
    drain: { told: 5, waiting: 0, going: 0 },
    presence: { names: 1, users: 7, watchers: 2, changes: 9 },
  };
  const broken = JSON.parse(
    '{"people":{"firstAnswer":null,"firstAnswers":7,"groupFanOut":{"count":"x"}},"resume":[]}',
  );

  const { people } = toSnapshot({
    registers: [],
    gateways: [good, { ...node, id: "older" }, {
      ...node,
      id: "broken",
      ...broken,
    }],
    workers: [],
  }, 0);

  assertEquals(people, {
    firstAnswerP50: 2,
    firstAnswerP99: 40,
    answered: 3,
    away: 0,
    returned: 0,
    fresh: 0,
    expired: 0,
    gaps: 0,
    missed: 0,
    sentAway: 5,
    present: 7,
    watchers: 2,
    groupMessages: 4,
    fanOut: 2.5,
  });
});
