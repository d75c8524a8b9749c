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
import { ATTACKS } from "./attacks.ts";
import { Battlefield } from "./battlefield.ts";
import { BUSY, BUSY_SLACK, MEMORY_BUDGET, SLACK, SLOWDOWN } from "./limits.ts";
import { Stopwatch } from "./machine.ts";
import { OrdinaryClients } from "./ordinary_clients.ts";

/** Milliseconds of ordinary talk before and during each attack. */
const QUIET = 1_000;
const UNDER_ATTACK = 1_500;

/** Milliseconds until an attack is in full swing, and until it is forgotten. */
const RISE = 500;

/** Other work on the machine looks like an attack too: then it is measured again. */
const ATTEMPTS = 3;

/** What an attack did. */
interface Toll {
  readonly quiet: number;
  readonly attacked: number;
  readonly memory: number;
  /** What did not go on as before. */
  readonly damage: readonly string[];
  /** Share of the machine that was in use before. */
  readonly busy: number;
}

function isBearable({ quiet, attacked, memory, damage, busy }: Toll): boolean {
  const slack = busy < BUSY ? SLACK : BUSY_SLACK;
  return damage.length === 0 && attacked <= Math.max(quiet * SLOWDOWN, slack) &&
    memory <= MEMORY_BUDGET;
}

function describe({ quiet, attacked, memory, damage, busy }: Toll): string {
  const machine = busy < BUSY ? "" : " on a busy machine";
  return `p99 ${quiet.toFixed(1)} ms, under attack ${
    attacked.toFixed(1)
  } ms${machine}, ${[`${memory} MB`, ...damage].join(", ")}`;
}

async function attack(name: string, field: Battlefield): Promise<Toll> {
  await using clients = await OrdinaryClients.connect(field.url);
  await clients.talk(RISE);
  const stopwatch = await Stopwatch.start();
  const quiet = await clients.talk(QUIET);
  const busy = await stopwatch.share();
  await using _attack = await field.attack(name);
  await clients.talk(RISE);
  const attacked = await clients.talk(UNDER_ATTACK);
  const [memory, damage] = [await field.memory(), await field.damage()];
  return { quiet, attacked, memory, damage, busy };
}

/** Measures an attack until it is bearable, or often enough; returns the tolls. */
async function measure(name: string, field: Battlefield): Promise<Toll[]> {
  const tolls: Toll[] = [];
  do {
    tolls.push(await attack(name, field));
  } while (!tolls.some(isBearable) && tolls.length < ATTEMPTS);
  return tolls;
}

async function tell(title: string, tolls: string): Promise<void> {
  if (!Deno.env.has("HOSTILE_FIGURES")) return;
  await Deno.stdout.write(new TextEncoder().encode(`${title}: ${tolls}\n`));
}

const only = Deno.env.get("HOSTILE_ONLY")?.split(",");
const names = Object.keys(ATTACKS).filter((name) =>
  only?.includes(name) ?? true
);

Deno.test({
  name:
    "hostile clients slow nobody down, and take no more than the memory there is",
  ignore: Deno.build.os !== "linux",
  fn: async (t) => {
    await using field = await Battlefield.start();
    {
      await using clients = await OrdinaryClients.connect(field.url);
      await clients.talk(QUIET);
    }
    for (const name of names) {
      const { title = name } = ATTACKS[name] ?? {};
      await t.step(title, async () => {
        const tolls = await measure(name, field);
        const text = tolls.map(describe).join("; ");
        await tell(title, text);
        assert(tolls.some(isBearable), text);
      });
    }
  },
});
