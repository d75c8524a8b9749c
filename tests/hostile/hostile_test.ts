import { assert } from "@std/assert";
import { ATTACKS } from "./attacks.ts";
import { ChildProcess } from "./child_process.ts";
import { MEMORY_BUDGET, SLACK, SLOWDOWN } from "./limits.ts";
import { OrdinaryClients } from "./ordinary_clients.ts";

/** Milliseconds of ordinary talk before and during each attack. */
const QUIET = 700;
const UNDER_ATTACK = 1_500;

/** Milliseconds until an attack is in full swing. */
const RISE = 700;

/** Other work on the machine looks like an attack too: then it is measured again. */
const ATTEMPTS = 3;

/** What an attack did. */
interface Toll {
  readonly quiet: number;
  readonly attacked: number;
  readonly memory: number;
}

function isBearable({ quiet, attacked, memory }: Toll): boolean {
  return attacked <= Math.max(quiet * SLOWDOWN, SLACK) &&
    memory <= MEMORY_BUDGET;
}

function describe({ quiet, attacked, memory }: Toll): string {
  return `p99 ${quiet.toFixed(1)} ms, under attack ${
    attacked.toFixed(1)
  } ms, ${memory} MB`;
}

async function attack(
  name: string,
  port: number,
  gateway: ChildProcess,
): Promise<Toll> {
  await using clients = await OrdinaryClients.connect(port);
  const quiet = await clients.talk(QUIET);
  await using _attacker = ChildProcess.start("./attacker.ts", name, `${port}`);
  await clients.talk(RISE);
  const attacked = await clients.talk(UNDER_ATTACK);
  return { quiet, attacked, memory: await gateway.memory() };
}

Deno.test({
  name:
    "hostile clients slow nobody down, and take no more than the memory there is",
  ignore: Deno.build.os !== "linux",
  fn: async (t) => {
    await using gateway = ChildProcess.start("./gateway_process.ts");
    const port = Number(await gateway.firstLine());
    {
      await using clients = await OrdinaryClients.connect(port);
      await clients.talk(QUIET);
    }
    for (const [name, { title }] of Object.entries(ATTACKS)) {
      await t.step(title, async () => {
        const tolls: string[] = [];
        let isFine = false;
        while (!isFine && tolls.length < ATTEMPTS) {
          const toll = await attack(name, port, gateway);
          isFine = isBearable(toll);
          tolls.push(describe(toll));
        }
        assert(isFine, tolls.join("; "));
        if (Deno.env.has("HOSTILE_FIGURES")) {
          await Deno.stdout.write(
            new TextEncoder().encode(`${title}: ${tolls.join("; ")}\n`),
          );
        }
      });
    }
  },
});
