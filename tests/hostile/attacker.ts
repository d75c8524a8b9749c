// deno-lint-ignore-file no-console -- a program: the test waits for its line
/**
 * A process that attacks: `deno run -A attacker.ts NAME PORT`, until it is ended.
 *
 * @module
 */
import { ATTACKS, runAttack } from "./attacks.ts";

const [name = "", port = ""] = Deno.args;
const plan = ATTACKS[name];
if (plan === undefined) throw new TypeError(`There is no attack "${name}"`);
console.log("Attacks");
await runAttack(plan, Number(port));
