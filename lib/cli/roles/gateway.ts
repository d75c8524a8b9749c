/**
 * A gateway in this process. Supervisors run this module, which loads nothing that only
 * other roles and people at a terminal need.
 *
 * @module
 */

import { becomesSo } from "../../base/pause.ts";
import { Gateway } from "../../gateway/mod.ts";
import type { Readiness } from "../../process/child.ts";
import { answer, type Answers, NOBODY } from "../ask/question.ts";
import type { CommandContext } from "../options/command.ts";
import { tellLimits, withinFileLimit } from "../options/gateway_limits.ts";
import { loadAuthorize } from "../options/load_authorize.ts";
import type { Settings } from "../options/option_table.ts";
import { GATEWAY_KEYS } from "../options/role_keys.ts";
import { gatewayOptions, stopTimeoutOf } from "../options/role_options.ts";
import { drainGateways } from "../run/drain_gateways.ts";
import { renewTrust } from "../run/renew_trust.ts";
import { JOIN_TIME, UNANSWERED } from "../run/join_time.ts";
import { runChild } from "../run/run_child.ts";
import { type Serve, serveChild } from "../run/serve_child.ts";

/** How often it is looked whether a gateway has joined, in milliseconds. */
const LOOK_INTERVAL = 5;

/** Runs one gateway in this process, as `serve` does; resolves with the exit code. */
export async function runGateway(
  context: CommandContext,
  serve: Serve,
): Promise<number> {
  let { settings } = context;
  const options = {
    who: `gateway ${settings.id}`,
    controlName: `gateway-${Deno.pid}`,
  };
  return await serve(context, options, (host) => ({
    what: `gateway with clients on ${
      settings.listen.join(", ")
    } and workers on ${
      settings.lanListen || settings.lanIp || "this machine's address"
    }:${settings.startPort}`,
    start: async (signal) => {
      settings = await withinFileLimit(settings);
      const gateway = await Gateway.start({
        ...gatewayOptions(settings),
        ...await loadAuthorize(settings, signal),
        signal,
      });
      tellLimits(gateway.report(), settings);
      // Ready when workers can find it.
      const isFound = () => gateway.isJoined || signal.aborted;
      await becomesSo(isFound, JOIN_TIME, LOOK_INTERVAL);
      return gateway;
    },
    readiness: (gateway) => {
      const answers = answersOf(gateway);
      const delay = settings.stopDelay * 1000;
      host.onAsk = (question) => answer(question, answers);
      host.onDrain = (order, say) =>
        drainGateways(answers, order, { say, delay });
      host.onReload = (say) => renewTrust(gateway, say);
      return readiness(gateway, settings);
    },
    stopTimeout: stopTimeoutOf(settings),
  }));
}

function answersOf(gateway: Gateway): Answers {
  return {
    report: () => ({ ...NOBODY, gateways: [gateway.report()] }),
    renewTrust: () => gateway.renewTrust(),
    drain: ({ rate, share, cancel, by }) => {
      if (cancel) return Promise.resolve(gateway.cancelDrain({ by }));
      const options = { by, ...(rate !== undefined && { rate }) };
      return share === undefined
        ? gateway.drain(options)
        : gateway.rebalance({ ...options, share });
    },
    expectStop: () => gateway.expectStop(),
    shareUsage: (round) => gateway.shareUsage(round),
    connections: (limit) => ({
      total: gateway.clients,
      rows: gateway.connections(limit),
    }),
  };
}

/** A port that the system chose stands in the listener's address only. */
function readiness(
  { addrs, lanAddress, isJoined }: Gateway,
  { listen }: Settings,
): Readiness {
  const addresses = listen.map((url, i) =>
    url.replace(/:0$/, `:${addrs[i]?.port ?? 0}`)
  );
  return {
    line: `Gateway ready: clients on ${
      addresses.join(", ")
    }, workers on ${lanAddress} (pid ${Deno.pid})${isJoined ? "" : UNANSWERED}`,
    addresses,
    isAlone: !isJoined,
  };
}

if (import.meta.main) {
  await runChild({
    name: "gateway",
    options: GATEWAY_KEYS,
    run: (context) => runGateway(context, serveChild),
  });
}
