// deno-lint-ignore-file no-console -- a program: the test reads its port
/**
 * A whole cluster that echoes, in a process whose memory can be read from outside. Its
 * limits are those that an operator who expects hostile clients would set.
 *
 * @module
 */
import { BusinessWorker, Gateway, Register } from "@gatewayworker/core";
import { LIMITS } from "./limits.ts";

await using register = await Register.start({ listen: "127.0.0.1:0" });
const registers = [register.status().address];
await using gateway = await Gateway.start({
  listen: ["ws://127.0.0.1:0"],
  register: registers,
  startPort: 0,
  compression: {},
  ...LIMITS,
});
await using worker = await BusinessWorker.start({
  register: registers,
  handler: (event) => event.type === "message" ? event.bytes() : undefined,
});
while (worker.gateways === 0) {
  await new Promise((resolve) => setTimeout(resolve, 10));
}
console.log(gateway.addr.port);
// Lives until the test closes its input.
for await (const _ of Deno.stdin.readable);
