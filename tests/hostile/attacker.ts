/**
 * A process that attacks: `deno run -A attacker.ts NAME PORT`. Ends when its input does.
 *
 * @module
 */
import { ATTACKS, runAttack } from "./attacks.ts";

const [name = "", port = ""] = Deno.args;
const plan = ATTACKS[name];
if (plan === undefined) throw new TypeError(`There is no attack "${name}"`);
void runAttack(plan, Number(port));
for await (const _ of Deno.stdin.readable);
Deno.exit(0);
