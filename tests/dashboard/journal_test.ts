import { assertEquals } from "@std/assert";
import { Journal } from "../../lib/dashboard/journal.ts";
import type { ClusterReport } from "../../lib/observe/report.ts";

type Node = ClusterReport["workers"][number];

const WORKER: Node = {
  id: "one",
  name: "BusinessWorker",
  index: 0,
  address: "127.0.0.1:1",
  uptime: 1,
  state: "ready",
};

function cluster(...workers: Node[]): ClusterReport {
  return { registers: [], gateways: [], workers };
}

function texts(journal: Journal, since = 0): string[] {
  return journal.since(since).map(({ who, text }) => `${who}: ${text}`);
}

Deno.test("Journal tells who came, changed and left, but not who was there first", () => {
  const journal = new Journal();

  journal.take(cluster(WORKER), 1);
  journal.take(cluster(WORKER, { ...WORKER, id: "two", index: 1 }), 2);
  journal.take(cluster({ ...WORKER, state: "draining" }), 3);
  journal.take(cluster(), 4);

  assertEquals(texts(journal), [
    "BusinessWorker 1: worker joined",
    "BusinessWorker 0: worker is draining",
    "BusinessWorker 1: worker left",
    "BusinessWorker 0: worker left",
  ]);
  assertEquals(
    journal.since(0).map(({ level }) => level),
    ["info", "info", "warn", "info"],
  );
});

Deno.test("Journal takes each event of a node once, in order of time", () => {
  const journal = new Journal();
  const event = (time: number, text: string) => ({ time, level: "info", text });
  const [one, two] = [event(10, "one"), event(20, "two")];

  journal.take(cluster({ ...WORKER, events: [one] }), 15);
  journal.take(cluster({ ...WORKER, events: [one, two] }), 25);
  journal.take(cluster({ ...WORKER, events: [one, two] }), 35);

  assertEquals(texts(journal), [
    "BusinessWorker 0: one",
    "BusinessWorker 0: two",
  ]);
  assertEquals(texts(journal, 1), ["BusinessWorker 0: two"]);
});

Deno.test("Journal takes the events of a node whose clock was set back, each once", () => {
  const journal = new Journal();
  const event = (time: number, text: string) => ({ time, level: "info", text });
  const [one, two] = [event(3_600_000, "one"), event(10, "two")];

  journal.take(cluster({ ...WORKER, events: [one] }), 3_600_001);
  journal.take(cluster({ ...WORKER, events: [one, two] }), 11);
  journal.take(cluster({ ...WORKER, events: [one, two] }), 12);

  assertEquals(texts(journal), [
    "BusinessWorker 0: one",
    "BusinessWorker 0: two",
  ]);
});

Deno.test("Journal takes what roles of one process tell from one of them only", () => {
  const journal = new Journal();
  const events = [{ time: 10, level: "info", text: "one" }];
  const one = { ...WORKER, pid: 7, events };
  const other = { ...WORKER, id: "two", index: 1, address: "127.0.0.1:2" };

  journal.take(cluster(one, { ...other, pid: 7, events }), 15);
  journal.take(cluster(one, { ...other, id: "three", pid: 8, events }), 25);

  assertEquals(texts(journal).filter((text) => text.endsWith("one")), [
    "BusinessWorker 0: one",
    "BusinessWorker 1: one",
  ]);
});

Deno.test("Journal forgets the oldest of too many entries", () => {
  const journal = new Journal();
  const events = Array.from({ length: 500 }, (_, i) => ({
    time: i + 1,
    level: "info",
    text: `number ${i}`,
  }));

  journal.take(cluster({ ...WORKER, events }), 1_000);

  assertEquals(journal.since(0).length, 300);
  assertEquals(texts(journal).at(-1), "BusinessWorker 0: number 499");
});

Deno.test("Journal and its like survive reports that make no sense", () => {
  const journal = new Journal();
  const broken: unknown = {
    ...WORKER,
    name: 7,
    state: ["ready"],
    events: [null, 3, { time: "soon" }, { time: 5 }],
  };

  journal.take(cluster(broken as Node), 1);

  assertEquals(journal.since(0).map(({ text }) => text), [""]);
});
