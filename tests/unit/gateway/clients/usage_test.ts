import { assertEquals } from "@std/assert";
import {
  Usage,
  type UsageNews,
  type UsageRound,
} from "../../../../lib/gateway/clients/usage.ts";

const BUDGET = 10_000;

/** A gateway that has clients, and writes down what it is told to do. */
class Owner {
  readonly counts = new Map<string, number>();
  readonly spent: [string, number][] = [];
  readonly done: string[] = [];
  readonly usage: Usage;

  constructor(readonly pid: number) {
    this.usage = new Usage(this, pid);
  }

  set(name: string, count: number): void {
    this.counts.set(name, count);
    this.usage.touch(name);
  }

  countOf(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  names(): Iterable<string> {
    return [...this.counts].filter(([, count]) => count > 0)
      .map(([name]) => name);
  }

  takeSpent(): Iterable<readonly [string, number]> {
    return this.spent.splice(0);
  }

  spend(rate: string, count: number): void {
    this.done.push(`${rate} ${count}`);
  }
}

/** Has all of them hear what each said in the round before. */
class Rounds {
  #peers: Record<string, UsageNews> = {};

  constructor(readonly owners: Owner[]) {}

  next(more: Partial<UsageRound> = {}): Record<string, UsageNews> {
    const peers = this.#peers;
    const whole = this.owners.some(({ pid }) => !(pid in peers));
    const news: Record<string, UsageNews> = {};
    for (const { pid, usage } of this.owners) {
      news[pid] = usage.exchange({ peers, whole, budget: BUDGET, ...more });
    }
    return this.#peers = news;
  }
}

Deno.test("Usage.others() counts what other gateways have, two rounds later", () => {
  const [one, two] = [new Owner(1), new Owner(2)];
  const rounds = new Rounds([one, two]);
  rounds.next();
  rounds.next();
  one.set("uann", 2);
  one.set("ubob", 1);

  rounds.next();
  rounds.next();
  assertEquals([two.usage.others("uann"), two.usage.others("ubob")], [2, 1]);
  assertEquals(one.usage.others("uann"), 0);

  one.set("uann", 0);
  rounds.next();
  rounds.next();
  assertEquals([two.usage.others("uann"), two.usage.others("ubob")], [0, 1]);
});

Deno.test("Usage forgets a gateway that is gone, and one that is new hears of all", () => {
  const [one, two, three] = [new Owner(1), new Owner(2), new Owner(3)];
  one.set("uann", 1);
  two.set("uann", 1);
  const rounds = new Rounds([one, two]);
  for (let i = 0; i < 3; i++) rounds.next();
  assertEquals(one.usage.others("uann"), 1);

  rounds.owners.splice(1, 1, three);
  for (let i = 0; i < 4; i++) rounds.next();

  assertEquals([one.usage.others("uann"), three.usage.others("uann")], [0, 1]);
});

Deno.test("Usage tells all others once what was spent", () => {
  const [one, two, three] = [new Owner(1), new Owner(2), new Owner(3)];
  const rounds = new Rounds([one, two, three]);
  for (let i = 0; i < 3; i++) rounds.next();
  one.spent.push(["uidMessages 5 uid ann", 7]);

  for (let i = 0; i < 3; i++) rounds.next();

  assertEquals(two.done, ["uidMessages 5 uid ann 7"]);
  assertEquals(three.done, ["uidMessages 5 uid ann 7"]);
  assertEquals(one.done, []);
});

Deno.test("Usage says no more in a round than it may, and the rest in the next ones", () => {
  const [one, two] = [new Owner(1), new Owner(2)];
  const rounds = new Rounds([one, two]);
  rounds.next();
  rounds.next();
  for (let i = 0; i < 100; i++) one.set(`u${"x".repeat(50)}${i}`, 1);
  one.set(`u${"y".repeat(1_000)}`, 1);

  const first = rounds.next({ budget: 1_000 });
  assertEquals(JSON.stringify(first[1]).length < 1_100, true);
  for (let i = 0; i < 15; i++) rounds.next({ budget: 1_000 });

  assertEquals(two.usage.others(`u${"x".repeat(50)}99`), 1);
  // What is too long for all is each gateway's own.
  assertEquals(two.usage.others(`u${"y".repeat(1_000)}`), 0);
});
