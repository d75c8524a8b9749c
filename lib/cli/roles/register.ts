/**
 * A Register in this process. Supervisors run this module, which loads nothing that only
 * other roles and people at a terminal need.
 *
 * @module
 */

import { formatAddress } from "../../base/address.ts";
import { Register } from "../../register/mod.ts";
import { answer, NOBODY } from "../ask/question.ts";
import type { CommandContext } from "../options/command.ts";
import { REGISTER_KEYS } from "../options/role_keys.ts";
import { registerOptions, stopTimeoutOf } from "../options/role_options.ts";
import { renewTrust } from "../run/renew_trust.ts";
import { runChild } from "../run/run_child.ts";
import { type Serve, serveChild } from "../run/serve_child.ts";

/** Runs one Register in this process, as `serve` does; resolves with the exit code. */
export async function runRegister(
  context: CommandContext,
  serve: Serve,
): Promise<number> {
  const { registerListen: listen } = context.settings;
  // What the others know this cluster by.
  const settings = { ...context.settings, register: [listen] };
  const options = { who: "register", controlName: `register-${Deno.pid}` };
  return await serve({ ...context, settings }, options, (host) => ({
    what: `Register on ${listen}`,
    start: (signal) => Register.start({ ...registerOptions(settings), signal }),
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
}

if (import.meta.main) {
  await runChild({
    name: "register",
    options: REGISTER_KEYS,
    run: (context) => runRegister(context, serveChild),
  });
}
