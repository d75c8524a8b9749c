import { formatAddress } from "../base/address.ts";
import type { Command } from "./command.ts";
import { serve } from "./serve.ts";

/** Runs a Register in this process. */
export const registerCommand: Command = {
  name: "register",
  operands: [],
  summary: "run a Register, which tells workers where the gateways are",
  description:
    `Runs a Register: gateways and workers tell it that they are there, and it tells
workers where the gateways are. It carries no client traffic, and a running
cluster goes on without it. One is enough; several make joining more robust.`,
  examples: `
# for this machine
deno run -A cli.ts register
# for the machines of a private network, with a key
deno run -A cli.ts register --listen 10.0.0.1:1236 --secret-key-file key.txt`,
  options: ["registerListen", "secretKey", "secretKeyFile", "stopTimeout"],
  run: async (context) => {
    const { Register } = await import("../register/mod.ts");
    const { registerListen: listen, secretKey, stopTimeout } = context.settings;
    return await serve(context, { who: "register" }, () => ({
      what: `Register on ${listen}`,
      start: (signal) => Register.start({ listen, secretKey, signal }),
      readiness: ({ addr }) => ({
        line: `Register ready: on ${formatAddress(addr)} (pid ${Deno.pid})`,
        addresses: [],
      }),
      stopTimeout: stopTimeout * 1000,
    }));
  },
};
