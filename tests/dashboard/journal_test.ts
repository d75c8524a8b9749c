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

Deno.test("Journal tells that a node reports no more, and that it does again", () => {
  const journal = new Journal();

  journal.take(cluster({ ...WORKER, reportAge: 0.9 }), 1);
  // All are late, once, when it was the Register that stood still.
  journal.take(cluster({ ...WORKER, reportAge: 5.1 }), 2);
  journal.take(cluster({ ...WORKER, reportAge: 0.1 }), 3);
  journal.take(cluster({ ...WORKER, reportAge: 5.1 }), 4);
  journal.take(cluster({ ...WORKER, reportAge: 6.1 }), 5);
  journal.take(cluster({ ...WORKER, reportAge: 0.1 }), 6);

  assertEquals(texts(journal), [
    "BusinessWorker 0: worker is overdue",
    "BusinessWorker 0: worker is ready",
  ]);
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
    "BusinessWorker 0: two",
    "BusinessWorker 0: one",
  ]);
});

Deno.test("Journal takes the events of a node that was away once, however often it was", () => {
  const journal = new Journal();
  const events = [{ time: 10, level: "info", text: "one" }];
  const here = cluster({ ...WORKER, pid: 7, events });

  for (let look = 1; look <= 10; look++) {
    journal.take(look % 2 === 1 ? here : cluster(), look * 1_000);
  }

  const told = texts(journal).filter((text) => text.endsWith("one"));
  assertEquals(told, ["BusinessWorker 0: one"]);
});

Deno.test("Journal takes the events of a node whose address is not always known once", () => {
  const journal = new Journal();
  const events = [{ time: 10, level: "info", text: "one" }];
  const worker = { ...WORKER, pid: 7, events };

  journal.take(cluster(worker), 11);
  journal.take(cluster({ ...worker, address: "" }), 12);
  journal.take(cluster(worker), 13);

  assertEquals(texts(journal), ["BusinessWorker 0: one"]);
});

Deno.test("Journal puts what it learns late where it belongs", () => {
  const journal = new Journal();
  const event = (time: number, text: string) => ({ time, level: "info", text });
  const quick = { ...WORKER, pid: 7, events: [event(20, "two")] };
  const slow = { ...WORKER, id: "two", index: 1, pid: 8 };

  journal.take(cluster(quick, slow), 25);
  journal.take(cluster(quick, { ...slow, events: [event(10, "one")] }), 35);

  assertEquals(texts(journal), [
    "BusinessWorker 1: one",
    "BusinessWorker 0: two",
  ]);
  // A page that knows the other one is told what is new.
  assertEquals(texts(journal, 1), ["BusinessWorker 1: one"]);
});

Deno.test("Journal says that an event of a clock that is ahead happened by now", () => {
  const journal = new Journal();
  const events = [{ time: 3_600_000, level: "info", text: "one" }];

  journal.take(cluster({ ...WORKER, events }), 1_000);

  assertEquals(journal.since(0).map(({ time }) => time), [1_000]);
});

Deno.test("Journal does not take a Register that was started anew for the end of all nodes", () => {
  const journal = new Journal();
  const register = (id: string) => ({ ...WORKER, id, name: "Register" });
  const at = (id: string, ...workers: Node[]) => ({
    ...cluster(...workers),
    registers: [register(id)],
  });
  const other = { ...WORKER, id: "two", index: 1 };

  journal.take(at("old", WORKER, other), 1);
  journal.take(at("new"), 2);
  const { state: _, ...silent } = WORKER;
  journal.take(at("new", silent), 3);
  journal.take(at("new", WORKER), 4);
  for (let look = 5; look < 40; look++) journal.take(at("new", WORKER), look);

  assertEquals(texts(journal), [
    "Register 0: Register joined",
    "Register 0: Register left",
    "BusinessWorker 1: worker left",
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

  for (let told = 20; told <= events.length; told += 20) {
    const last = events.slice(told - 20, told);
    journal.take(cluster({ ...WORKER, events: last }), 1_000);
  }

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
