/**
 * A gateway in a process of its own, which a test can kill:
 *
 *     deno run -A _gateway_process.ts REGISTER
 *
 * prints its internal address and its port for clients.
 *
 * @module
 */
import { Gateway } from "../../../mod.ts";

const [register = ""] = Deno.args;

const gateway = await Gateway.start({
  listen: ["ws://127.0.0.1:0"],
  startPort: 0,
  register: [register],
});
await Deno.stdout.write(
  new TextEncoder().encode(
    `ready ${gateway.lanAddress} ${gateway.addr.port}\n`,
  ),
);
await gateway.finished;
