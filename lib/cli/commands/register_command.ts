import { formatAddress } from "../../base/address.ts";
import type { ChildSpec } from "../../process/child.ts";
import { childSpec } from "./child_command.ts";
import type { Command, CommandContext } from "../options/command.ts";
import { answer, NOBODY } from "../ask/question.ts";
import { registerOptions, stopTimeoutOf } from "../options/role_options.ts";
import { renewTrust } from "../run/renew_trust.ts";
import { serve } from "../run/serve.ts";
import { LISTEN_TRUST_KEYS } from "../options/trust_options.ts";

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
deno run -A cli.ts register --register-listen 10.0.0.1:1236 --secret-key-file key.txt`,
  options: [
    "registerListen",
    ...LISTEN_TRUST_KEYS,
    "acceptPlainKey",
    "maxPeers",
    "identifyTimeout",
    "staleTimeout",
    "stopTimeout",
    "stopDelay",
    "runtimeDir",
    "admin",
    "apiToken",
  ],
  run: async (context) => {
    const { Register } = await import("../../register/mod.ts");
    const { registerListen: listen } = context.settings;
    // What the others know this cluster by.
    const settings = { ...context.settings, register: [listen] };
    const options = { who: "register", controlName: `register-${Deno.pid}` };
    return await serve({ ...context, settings }, options, (host) => ({
      what: `Register on ${listen}`,
      start: (signal) =>
        Register.start({ ...registerOptions(settings), signal }),
      readiness: (register) => {
        host.onAsk = (question) =>
          answer(question, {
            report: () => ({ ...NOBODY, registers: [register.report()] }),
            cluster: () => register.clusterReport(),
            renewTrust: () => register.renewTrust(),
          });
        host.onReload = (say) => renewTrust(register, say);
        return {
          line: `Register ready: on ${
            formatAddress(register.addr)
          } (pid ${Deno.pid})`,
          addresses: [],
        };
      },
      stopTimeout: stopTimeoutOf(settings),
    }));
  },
};

/** How to run a Register as a child, on the first address of `register`. */
export function registerChild(
  { settings, entry }: CommandContext,
): ChildSpec {
  const [registerListen = ""] = settings.register;
  return childSpec({
    name: "register",
    command: registerCommand,
    operands: [],
    settings: { ...settings, registerListen },
    entry,
    permissions: ["--allow-net"],
    files: [],
  });
}
