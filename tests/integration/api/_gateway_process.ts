/**
 * A gateway in a process of its own, which a test can kill:
 *
 *     deno run -A _gateway_process.ts REGISTER LISTEN_URL
 *
 * prints its internal address and its port for clients.
 *
 * @module
 */
import { Gateway } from "../../../mod.ts";

const [register = "", listen = ""] = Deno.args;

const gateway = await Gateway.start({
  listen: [listen],
  startPort: 0,
  register: [register],
});
await Deno.stdout.write(
  new TextEncoder().encode(
    `ready ${gateway.lanAddress} ${gateway.addr.port}\n`,
  ),
);
await gateway.finished;
