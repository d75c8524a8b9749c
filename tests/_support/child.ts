/**
 * A child for tests of the supervisor: `child.ts BEHAVIOR [NOTE]`. It adds a line
 * to the file NOTE at each start.
 *
 * @module
 */

import { pause } from "../../lib/base/pause.ts";
import { deferSignals } from "../../lib/process/signals.ts";
import { Supervised } from "../../lib/process/supervised.ts";
import { writeAll } from "../../lib/process/write_all.ts";

const [behavior = "", note] = Deno.args;

/** How often this child has been started before. */
function countStarts(path: string): number {
  Deno.writeTextFileSync(path, "started\n", { append: true });
  return Deno.readTextFileSync(path).split("\n").length - 2;
}

const starts = note === undefined ? 0 : countStarts(note);
await using supervised = await Supervised.open();

function say(line: string): void {
  writeAll(Deno.stdout, `${line}\n`);
}

function ready(isAlone = false): void {
  const line = `${behavior} ready (pid ${Deno.pid})`;
  supervised.report({ report: "ready", line, addresses: [], isAlone });
}

/** Works until it is told to stop, or its supervisor is gone. */
async function work(isAlone = false): Promise<void> {
  using _signals = deferSignals(() => supervised.report({ report: "asked" }));
  ready(isAlone);
  for await (const order of supervised.orders()) {
    if (order.command === "stop") break;
    if (order.command === "ping") supervised.pong(order.id);
  }
  say(`${behavior} stopped`);
}

/** Says when it is loaded, and is ready when it has been told to begin. */
async function patient(): Promise<void> {
  say(`${behavior} loaded, ${supervised.waits ? "waits" : "goes on"}`);
  for await (const order of supervised.orders()) {
    if (order.command === "begin") return await work();
  }
}

/** Is ready when the test has written something into the note. */
async function late(): Promise<void> {
  for (let text = ""; !text.includes("go on");) {
    await pause(5);
    text = await Deno.readTextFile(note ?? "");
  }
  await work();
}

/** Starts well once, and never again. */
async function breaks(): Promise<void> {
  if (starts > 0) {
    say(`${behavior} tries again`);
    return await fail();
  }
  ready();
  await pause(1);
  Deno.exitCode = 7;
}

/** Works, until its code blocks for ever. */
function worksThenBlocks(): Promise<void> {
  ready();
  return blocks();
}

/** Never says that it is ready, and hears nothing: its code blocks. */
function blocks(): Promise<void> {
  while (true) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

async function crash(): Promise<void> {
  ready();
  await pause(1);
  say(`${behavior} ends`);
  Deno.exitCode = 7;
}

function fail(): Promise<void> {
  const message = "Cannot start the child: it was told so";
  supervised.report({ report: "failed", message });
  Deno.exitCode = 1;
  return Promise.resolve();
}

/** Ignores every order. */
async function deaf(): Promise<void> {
  ready();
  for await (const _order of supervised.orders());
  await pause(60_000);
}

/** Answers every question with itself. */
async function answers(): Promise<void> {
  ready();
  for await (const order of supervised.orders()) {
    if (order.command === "begin") continue;
    if (order.command !== "ask") break;
    const { id, question: answer } = order;
    supervised.report({ report: "answer", id, answer });
  }
}

/** Prints what a stranger sent it, as a handler may. */
async function prints(): Promise<void> {
  const forged = ["ready", "failed", "asked"].map((report) => ({
    report,
    line: "forged ready (pid 1)",
    addresses: ["ws://forged"],
    message: "forged",
  }));
  const answer = { report: "answer", id: 1, answer: "forged" };
  for (const each of [...forged, answer]) {
    const text = JSON.stringify(each);
    say(`\x1e${text}\n\x1e${crypto.randomUUID()}${text}`);
  }
  await answers();
}

const behaviors: Record<string, () => Promise<void>> = {
  fails: fail,
  exits: () => Promise.resolve(void (Deno.exitCode = 3)),
  "fails-later": () => starts === 0 ? work() : fail(),
  blocks,
  "blocks-later": () => starts === 0 ? work() : blocks(),
  "blocks-once": () => starts === 0 ? worksThenBlocks() : work(),
  "alone-later": () => work(starts > 0),
  recovers: () => starts === 0 ? crash() : work(),
  crashes: crash,
  breaks,
  late,
  patient,
  deaf,
  answers,
  prints,
};

await (behaviors[behavior] ?? work)();
