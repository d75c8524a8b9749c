// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * Moves a cluster of the original, GatewayWorker on PHP, to workers of ours under load,
 * and says what became of the messages:
 *
 *     deno task php                            200 clients, 10 messages a second each
 *     deno task php --clients 500 --rest 30    more, and for longer
 *
 * @module
 */
import { parseArgs } from "node:util";
import { moveWorkers } from "./rolling_move.ts";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "200" },
    rate: { type: "string", default: "10" },
    rest: { type: "string", default: "5" },
  },
});

const { disconnects } = await moveWorkers({
  clients: Number(values.clients),
  rate: Number(values.rate),
  rest: 1_000 * Number(values.rest),
}, (step) => console.log(JSON.stringify(step)));
console.log(`${disconnects} disconnects`);
Deno.exit(disconnects === 0 ? 0 : 1);
