import {
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { ChildSpec } from "../../lib/process/child.ts";
import {
  ChildError,
  Supervisor,
  type SupervisorOptions,
} from "../../lib/process/supervisor.ts";
import { eventually } from "../_support/eventually.ts";
import { LogLines } from "../_support/log_lines.ts";
import { allGone, isRunning, pidIn } from "../_support/processes.ts";

const CHILD = import.meta.resolve("../_support/child.ts");

/** What children did, in order, and the means to wait for more. */
class Story {
  readonly told: string[] = [];
  readonly pids: number[] = [];
  #wake = () => {};

  onReady = ({ line }: { line: string }) => {
    this.pids.push(pidIn(line));
    this.#add(line.replace(/ \(pid.*/, ""));
  };

  onOutput = (bytes: Uint8Array) => {
    this.#add(new TextDecoder().decode(bytes).trimEnd());
  };

  /** Resolves when this was told so many times. */
  async hears(what: string, count: number): Promise<void> {
    while (this.told.filter((line) => line === what).length < count) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #add(line: string): void {
    this.told.push(line);
    this.#wake();
  }
}

/** A file for a child's notes, gone when the test is over. */
function makeNote(): { path: string } & Disposable {
  const path = Deno.makeTempFileSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path) };
}

function child(behavior: string, note?: string): ChildSpec {
  const args = note === undefined ? [behavior] : [behavior, note];
  return {
    name: behavior,
    command: [Deno.execPath(), "run", "-A", CHILD, ...args],
  };
}

function start(
  story: Story,
  groups: Record<string, ChildSpec[]>,
  options: Partial<SupervisorOptions> = {},
): Promise<Supervisor> {
  return Supervisor.start({
    groups: Object.entries(groups).map(([name, children]) => ({
      name,
      children,
    })),
    stopTimeout: 10_000,
    minDelay: 5,
    onOutput: story.onOutput,
    onReady: story.onReady,
    ...options,
  });
}

Deno.test("Supervisor.start() starts groups in order, shutdown() stops them in the opposite one", async () => {
  const story = new Story();
  const supervisor = await start(story, {
    first: [child("a")],
    second: [child("b")],
    third: [child("c")],
  });

  await supervisor.shutdown();

  assertEquals(story.told, [
    "a ready",
    "b ready",
    "c ready",
    "c stopped",
    "b stopped",
    "a stopped",
  ]);
  await allGone(story.pids);
});

Deno.test("Supervisor.start() lets all children load at once, and those of a group begin when the group before is ready", async () => {
  using note = makeNote();
  const story = new Story();
  const starting = start(story, {
    first: [child("late", note.path)],
    second: [child("patient")],
  });

  // The first is ready only after this, so that the second did not wait for it.
  await story.hears("patient loaded, waits", 1);
  await Deno.writeTextFile(note.path, "go on");
  await using _supervisor = await starting;

  const [loaded, ...others] = story.told;
  assertEquals(loaded, "patient loaded, waits");
  assertEquals(others, ["late ready", "patient ready"]);
});

Deno.test("Supervisor.start() rejects with what the child reported and stops the others", async () => {
  const story = new Story();

  await assertRejects(
    () => start(story, { good: [child("a")], bad: [child("fails")] }),
    ChildError,
    "Cannot start the child: it was told so",
  );

  assertEquals(story.told, ["a ready", "a stopped"]);
  await allGone(story.pids);
});

Deno.test("Supervisor.start() rejects with the exit code of a child that said nothing", async () => {
  await assertRejects(
    () => start(new Story(), { bad: [child("exits")] }),
    ChildError,
    "Cannot start exits: it exited with code 3 before it was ready",
  );
});

Deno.test("Supervisor starts a killed child again, and no other", async () => {
  await using log = await LogLines.collect();
  const story = new Story();
  await using supervisor = await start(story, {
    group: [child("a"), child("b")],
  });
  const [a = 0, b = 0] = supervisor.pids("group");

  Deno.kill(a, "SIGKILL");
  await story.hears("a ready", 2);

  assertEquals(supervisor.pids("group"), [story.pids[2], b]);
  assertMatch(log.lines[0] ?? "", /^a \(pid \d+\) ended: was ended by SIGKILL/);
});

Deno.test("Supervisor reports a crash loop and slows it", async () => {
  await using log = await LogLines.collect();
  const story = new Story();
  await using _supervisor = await start(story, { group: [child("crashes")] });

  await story.hears("crashes ready", 5);

  const delays = log.lines.map((line) =>
    Number(/again in (\d+) ms/.exec(line)?.[1])
  );
  assertGreater(delays[3], delays[0]);
  assertStringIncludes(
    log.lines[3] ?? "",
    "keeps ending, 4 times in a row: exited with code 7",
  );
});

Deno.test("Supervisor tells why a child cannot start again, and leaves the others alone", async () => {
  await using log = await LogLines.collect();
  using note = makeNote();
  const story = new Story();
  await using _supervisor = await start(story, {
    group: [child("breaks", note.path), child("a")],
  });

  await story.hears("breaks tries again", 2);

  assertStringIncludes(log.lines[1] ?? "", "it was told so; starting it again");
  assertEquals(story.told.filter((line) => line.startsWith("a ")), ["a ready"]);
});

Deno.test("Supervisor lets a child go that was sent SIGTERM, and starts another", async () => {
  const story = new Story();
  await using supervisor = await start(story, { group: [child("a")] });
  const [old = 0] = supervisor.pids("group");

  Deno.kill(old, "SIGTERM");
  await story.hears("a ready", 2);

  assertEquals(story.told, ["a ready", "a stopped", "a ready"]);
});

Deno.test("Supervisor keeps its order when its children are sent SIGTERM too", async () => {
  const story = new Story();
  const supervisor = await start(story, {
    first: [child("a")],
    second: [child("b")],
  });
  const [a = 0] = supervisor.pids("first");

  Deno.kill(a, "SIGTERM");
  await supervisor.shutdown();

  assertEquals(story.told.slice(2), ["b stopped", "a stopped"]);
});

Deno.test("Supervisor.shutdown() kills a child that does not leave in time and rejects", async () => {
  const story = new Story();
  const supervisor = await start(
    story,
    { group: [child("deaf")] },
    { stopTimeout: 50 },
  );

  await assertRejects(
    () => supervisor.shutdown(),
    ChildError,
    "Cannot stop within 50 ms",
  );

  assertEquals(story.pids.map(isRunning), [false]);
});

Deno.test("Supervisor stops when its signal aborts while it starts", async () => {
  const stop = new AbortController();
  const story = new Story();
  const groups = { first: [child("a")], second: [child("b")] };
  const starting = start(story, groups, { signal: stop.signal });

  await story.hears("a ready", 1);
  stop.abort();

  await assertRejects(() => starting);
  await allGone(story.pids);
});

Deno.test("Supervisor kills all children when its kill signal aborts", async () => {
  const kill = new AbortController();
  const story = new Story();
  const supervisor = await start(
    story,
    { group: [child("deaf")] },
    { killSignal: kill.signal },
  );
  const stopped = supervisor.shutdown();

  kill.abort();
  await stopped;

  assertEquals(story.pids.map(isRunning), [false]);
});

Deno.test("Supervisor.replaceAll() starts each new child before it stops the old one", async () => {
  const story = new Story();
  await using supervisor = await start(story, {
    others: [child("x")],
    group: [child("a"), child("b")],
  });

  await supervisor.replaceAll("group");

  assertEquals(story.told.slice(3), [
    "a ready",
    "a stopped",
    "b ready",
    "b stopped",
  ]);
  assertEquals(supervisor.pids("group"), story.pids.slice(3));
  assertEquals(supervisor.pids("others"), story.pids.slice(0, 1));
});

Deno.test("Supervisor.replaceAll() ends at a child that cannot start and keeps the old ones", async () => {
  using note = makeNote();
  const story = new Story();
  await using supervisor = await start(story, {
    group: [child("fails-later", note.path), child("b")],
  });
  const before = supervisor.pids("group");

  await assertRejects(
    () => supervisor.replaceAll("group"),
    ChildError,
    "it was told so; the old fails-later goes on",
  );

  assertEquals(supervisor.pids("group"), before);
  assertEquals(story.told.length, 2);
});

Deno.test("Supervisor.replaceAll() takes the place of a child that is in a crash loop", async () => {
  await using _log = await LogLines.collect();
  using note = makeNote();
  const story = new Story();
  await using supervisor = await start(
    story,
    { group: [child("recovers", note.path)] },
    { minDelay: 10_000 },
  );

  await story.hears("recovers ends", 1);
  await supervisor.replaceAll("group");

  assertEquals(supervisor.pids("group"), story.pids.slice(1));
});

Deno.test("Supervisor.start() rejects if a child is not ready in time, and leaves none", async () => {
  await using log = await LogLines.collect();
  const story = new Story();

  await assertRejects(
    () =>
      start(story, { good: [child("a")], bad: [child("blocks")] }, {
        startTimeout: 1_500,
      }),
    ChildError,
    "Cannot start blocks: it was not ready within 1500 ms",
  );

  assertMatch(log.lines[0] ?? "", /^blocks \(pid \d+\) was not ready within/);
  await allGone(story.pids);
});

Deno.test("Supervisor.replaceAll() rejects if a new child is not ready in time, and the old one goes on", async () => {
  await using _log = await LogLines.collect();
  using note = makeNote();
  const story = new Story();
  await using supervisor = await start(
    story,
    { group: [child("blocks-later", note.path)] },
    { startTimeout: 1_500 },
  );
  const pids = supervisor.pids("group");

  await assertRejects(
    () => supervisor.replaceAll("group"),
    ChildError,
    "it was not ready within 1500 ms; the old blocks-later goes on",
  );

  assertEquals(supervisor.pids("group"), pids);
});

Deno.test("Supervisor.replaceAll() leaves the old child where the new one has found nobody to work for", async () => {
  using note = makeNote();
  const story = new Story();
  await using supervisor = await start(story, {
    group: [child("alone-later", note.path)],
  });
  const pids = supervisor.pids("group");

  await assertRejects(
    () => supervisor.replaceAll("group"),
    ChildError,
    "nobody whom it works for has answered the new one; the old alone-later goes on",
  );

  assertEquals(supervisor.pids("group"), pids);
  assertEquals(story.told, ["alone-later ready", "alone-later stopped"]);
});

Deno.test("Supervisor kills a child whose code blocks, starts another, and leaves those that answer", async () => {
  await using log = await LogLines.collect();
  using note = makeNote();
  const story = new Story();
  await using supervisor = await start(story, {
    group: [child("blocks-once", note.path), child("works")],
  }, { hangTimeout: 500 });
  const [, works = 0] = supervisor.pids("group");

  await story.hears("blocks-once ready", 2);

  assertMatch(
    log.lines[0] ?? "",
    /^blocks-once \(pid \d+\) has answered nothing for 500 ms/,
  );
  assertEquals(supervisor.pids("group"), [story.pids.at(-1), works]);
});

Deno.test("Supervisor believes no report that a child's handler prints", async () => {
  const story = new Story();
  await using supervisor = await start(story, { group: [child("prints")] });
  const pids = supervisor.pids("group");

  const [state] = await supervisor.ask({ about: "it" }, 5_000);

  assertEquals(story.told.filter((line) => line === "prints ready").length, 1);
  assertEquals(story.told.filter((line) => /forged/.test(line)).length, 8);
  assertEquals(state?.answer, { about: "it" });
  assertEquals(supervisor.pids("group"), pids);
});

Deno.test("Supervisor asks a child that has stopped reading only so often, and not for ever", async () => {
  const story = new Story();
  await using supervisor = await start(story, { group: [child("answers")] });
  const [pid = 0] = supervisor.pids("group");
  const long = "x".repeat(200_000);

  Deno.kill(pid, "SIGSTOP");
  const asked = Array.from({ length: 40 }, () => supervisor.ask(long, 50));
  const answers = (await Promise.all(asked)).map(([state]) => state?.answer);
  Deno.kill(pid, "SIGCONT");
  await eventually("it answers again", async () => {
    const [state] = await supervisor.ask("back", 5_000);
    return state?.answer === "back";
  });

  assertEquals(answers, answers.map(() => undefined));
});

Deno.test("Child.ask() leaves nothing behind", async () => {
  const path = new URL("../_support/ask_often.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--v8-flags=--expose-gc", path],
  }).output();

  const [, bytes] = /^(-?\d+) bytes each/.exec(
    new TextDecoder().decode(stdout),
  ) ?? [];

  assertLess(Number(bytes), 100);
});
