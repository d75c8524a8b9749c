/**
 * A bridge in this process.
 *
 * @module
 */
import { Bridge } from "../../bridge/mod.ts";
import { answer, NOBODY } from "../ask/question.ts";
import type { CommandContext } from "../options/command.ts";
import { bridgeOptions, stopTimeoutOf } from "../options/role_options.ts";
import { renewTrust } from "../run/renew_trust.ts";
import type { Serve } from "../run/serve_child.ts";

/** Milliseconds that NATS, a Register and gateways may take before the bridge says that it waits. */
const JOIN_TIME = 5_000;

/** Runs one bridge in this process, as `serve` does; resolves with the exit code. */
export async function runBridge(
  context: CommandContext,
  serve: Serve,
): Promise<number> {
  const { settings } = context;
  const options = { who: "bridge", controlName: `bridge-${Deno.pid}` };
  return await serve(context, options, (host) => ({
    what: `bridge of cell ${settings.cell || "without a name"}`,
    start: async (signal) => {
      const bridge = await Bridge.start({ ...bridgeOptions(settings), signal });
      await bridge.ready(JOIN_TIME);
      return bridge;
    },
    readiness: (bridge) => {
      host.onAsk = (question) =>
        answer(question, {
          report: () => ({ ...NOBODY, bridges: [bridge.report()] }),
          renewTrust: () => bridge.renewTrust(),
        });
      host.onReload = (say) => renewTrust(bridge, say);
      return {
        line:
          `Bridge ready: cell ${settings.cell}, workers on ${bridge.lanAddress} (pid ${Deno.pid})${
            bridge.isReady ? "" : WAITING
          }`,
        addresses: [],
      };
    },
    stopTimeout: stopTimeoutOf(settings),
  }));
}

const WAITING = "; it waits for NATS, a Register or a gateway";
