// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * Moves a cluster of the original, GatewayWorker on PHP, to workers of ours under load,
 * then has workers of the original stopped and killed at gateways of ours, and says what
 * became of the messages:
 *
 *     deno task php                            200 clients, 10 messages a second each
 *     deno task php --clients 500 --rest 30    more, and for longer
 *
 * @module
 */
import { parseArgs } from "node:util";
import { loseWorkers, moveWorkers } from "./rolling_move.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "200" },
    rate: { type: "string", default: "10" },
    rest: { type: "string", default: "5" },
  },
});

const load = {
  clients: Number(values.clients),
  rate: Number(values.rate),
  rest: 1_000 * Number(values.rest),
};
let failed = false;
for (const run of [moveWorkers, loseWorkers]) {
  const { steps, disconnects } = await run(load);
  for (const step of steps) console.log(JSON.stringify(step));
  console.log(`${run.name}: ${disconnects} disconnects`);
  failed ||= disconnects > 0;
}
Deno.exit(failed ? 1 : 0);
