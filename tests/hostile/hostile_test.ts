/**
 * Hostile clients, one kind after another, and what ordinary ones notice of them.
 *
 * `HOSTILE_SLACK` is how many milliseconds are never late, `HOSTILE_ONLY` names the
 * attacks to try, separated by commas, and `HOSTILE_FIGURES` has what was measured
 * printed.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { AttackPlan, Door } from "./attack_plan.ts";
import { ATTACKS } from "./attacks.ts";
import { Battlefield } from "./battlefield.ts";
import {
  BUSY,
  BUSY_SLACK,
  FULL_ANSWERS,
  FULL_SHARE,
  MEMORY_BUDGET,
  SLACK,
  SLOWDOWN,
} from "./limits.ts";
import { Stopwatch } from "./machine.ts";
import { OrdinaryClients } from "./ordinary_clients.ts";

/** Milliseconds of ordinary talk without and during an attack. */
const QUIET = 1_000;
const UNDER_ATTACK = 1_000;

/** Milliseconds until an attack is in full swing, and until it is forgotten. */
const RISE = 500;

/** Other work on the machine looks like an attack too: then it is measured again. */
const ATTEMPTS = 5;

/** How ordinary clients fare without an attack. */
interface Peace {
  /** Milliseconds that 99 of 100 answers took at most. */
  readonly p99: number;
  /** Share of a processor that the gateway used. */
  readonly share: number;
  /** Share of the machine that other programs used. */
  readonly others: number;
}

/** What an attack did. */
interface Toll {
  readonly quiet: number;
  readonly attacked: number;
  readonly memory: number;
  /** Share of a processor that the gateway used beyond what it uses without. */
  readonly share: number;
  /** Attackers that it answered in a second who found it full. */
  readonly answers: number;
  /** What did not go on as before. */
  readonly damage: readonly string[];
  /** Share of the machine that other programs used meanwhile. */
  readonly others: number;
}

function isBearable(
  { quiet, attacked, memory, share, answers, damage, others }: Toll,
  door: Door,
): boolean {
  const slack = SLACK + (BUSY_SLACK - SLACK) * Math.min(1, others / BUSY);
  const isCheap = door !== "full" ||
    (share <= FULL_SHARE && answers <= FULL_ANSWERS);
  return damage.length === 0 && attacked <= Math.max(quiet * SLOWDOWN, slack) &&
    memory <= MEMORY_BUDGET && isCheap;
}

function describe(
  { quiet, attacked, memory, share, answers, damage, others }: Toll,
): string {
  const machine = `, others use ${Math.round(others * 100)} % of the machine`;
  const cost = `${Math.round(share * 100)} % of a processor` +
    (answers === 0 ? "" : ` for ${Math.round(answers)} answers a second`);
  return `p99 ${quiet.toFixed(1)} ms, under attack ${
    attacked.toFixed(1)
  } ms${machine}, ${[cost, `${memory} MB`, ...damage].join(", ")}`;
}

/** Talks; returns how late answers come, and what that costs the gateway. */
async function watch(
  clients: OrdinaryClients,
  field: Battlefield,
  milliseconds: number,
): Promise<{ p99: number; share: number }> {
  const before = await field.work();
  const p99 = await clients.talk(milliseconds);
  const share = (await field.work() - before) * 1_000 / milliseconds;
  return { p99, share };
}

/** Finds out how ordinary clients fare without an attack. */
async function measurePeace(field: Battlefield): Promise<Peace> {
  await using clients = await OrdinaryClients.connect(field.url);
  await clients.talk(RISE);
  const stopwatch = await Stopwatch.start();
  const { p99, share } = await watch(clients, field, QUIET);
  return { p99, share, others: await stopwatch.others() };
}

async function attack(
  name: string,
  { door = "clients" }: AttackPlan,
  { field, peace }: { field: Battlefield; peace: Peace },
): Promise<Toll> {
  if (door === "full") await field.deserted();
  await using clients = await OrdinaryClients.connect(field.url);
  await using attacker = await field.attack(name, door);
  await clients.talk(RISE);
  const [start, before] = [performance.now(), attacker.out.length];
  const stopwatch = await Stopwatch.start();
  const attacked = await watch(clients, field, UNDER_ATTACK);
  const seconds = (performance.now() - start) / 1_000;
  const answers = (attacker.out.length - before) / seconds;
  const others = Math.max(peace.others, await stopwatch.others());
  const [memory, damage] = [await field.memory(), await field.damage()];
  return {
    quiet: peace.p99,
    attacked: attacked.p99,
    memory,
    share: Math.max(0, attacked.share - peace.share),
    answers,
    damage,
    others,
  };
}

/** Measures an attack until it is bearable, or often enough. */
async function measure(
  name: string,
  plan: AttackPlan,
  { field, peace }: { field: Battlefield; peace: Peace },
): Promise<{ isBearable: boolean; text: string }> {
  const texts: string[] = [];
  while (texts.length < ATTEMPTS) {
    // The machine may have more to do by now than when peace was measured.
    const now = texts.length === 0 ? peace : await measurePeace(field);
    const toll = await attack(name, plan, { field, peace: now });
    texts.push(describe(toll));
    if (isBearable(toll, plan.door ?? "clients")) {
      return { isBearable: true, text: texts.join("; ") };
    }
  }
  return { isBearable: false, text: texts.join("; ") };
}

async function tell(title: string, tolls: string): Promise<void> {
  if (!Deno.env.has("HOSTILE_FIGURES")) return;
  await Deno.stdout.write(new TextEncoder().encode(`${title}: ${tolls}\n`));
}

const only = Deno.env.get("HOSTILE_ONLY")?.split(",");
const names = Object.keys(ATTACKS).filter((name) =>
  only?.includes(name) ?? true
);

/** Tries the attacks of one kind, one after another. */
async function tryAll(
  t: Deno.TestContext,
  field: Battlefield,
  isTried: (plan: AttackPlan) => boolean,
): Promise<void> {
  let peace = await measurePeace(field);
  for (const name of names) {
    const plan = ATTACKS[name];
    if (plan === undefined || !isTried(plan)) continue;
    await t.step(plan.title, async () => {
      // What other programs did then is no measure of what an attack may do.
      if (peace.others >= BUSY / 3) peace = await measurePeace(field);
      const { isBearable, text } = await measure(name, plan, {
        field,
        peace,
      });
      await tell(plan.title, text);
      assert(isBearable, text);
    });
  }
}

Deno.test({
  name:
    "hostile clients slow nobody down, and take no more than the memory there is",
  ignore: Deno.build.os !== "linux",
  fn: async (t) => {
    await using field = await Battlefield.start();
    await tryAll(t, field, ({ door }) => door !== "full");
  },
});

Deno.test({
  name:
    "hostile clients who find a gateway full cost it no more than its share, with TLS too",
  ignore: Deno.build.os !== "linux",
  fn: async (t) => {
    await using field = await Battlefield.startFull();
    await tryAll(t, field, ({ door }) => door === "full");
  },
});
