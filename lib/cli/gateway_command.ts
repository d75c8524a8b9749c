import type { Gateway } from "../gateway/mod.ts";
import type { ChildSpec, Readiness } from "../process/child.ts";
import { childSpec } from "./child_command.ts";
import type { Command, CommandContext } from "./command.ts";
import type { Settings } from "./option_table.ts";
import { serve } from "./serve.ts";
import { supervise } from "./supervise.ts";

/** Runs a gateway in this process, or several under a supervisor. */
export const gatewayCommand: Command = {
  name: "gateway",
  operands: [],
  summary: "run gateways, which hold the clients' connections",
  description:
    `Runs gateways: clients connect to them, and they hand what clients send to the
workers. With --count they share the client port, and each has a port for
workers of its own, counted up from --start-port.`,
  examples: `
# clients on ws://0.0.0.0:8282, everything else on this machine
deno run -A cli.ts gateway
# two processes for the workers of other machines, and a heartbeat
deno run -A cli.ts gateway --count 2 --register 10.0.0.1:1236 --lan-ip 10.0.0.2 --ping-interval 55
# WebSocket and lines of text at the same time
deno run -A cli.ts gateway --listen ws://0.0.0.0:8282 --listen text://0.0.0.0:8283`,
  options: [
    "listen",
    "register",
    "lanIp",
    "lanListen",
    "startPort",
    "count",
    "name",
    "secretKey",
    "secretKeyFile",
    "pingInterval",
    "pingData",
    "pingNotResponseLimit",
    "maxMessage",
    "sendBuffer",
    "maxConnections",
    "stopTimeout",
    "reusePort",
    "id",
  ],
  run: async (context) => {
    if (context.settings.count === 1) return await runOne(context);
    return await supervise(context, () => [{
      name: "gateways",
      children: gatewayChildren(context, context.settings.count),
    }]);
  },
};

/** How to run `count` gateways as children, sharing the client port. */
export function gatewayChildren(
  { settings, entry }: CommandContext,
  count: number,
): ChildSpec[] {
  const { startPort } = settings;
  return Array.from({ length: count }, (_, id) =>
    childSpec({
      name: `gateway ${id}`,
      command: gatewayCommand,
      operands: [],
      settings: {
        ...settings,
        id,
        reusePort: count > 1,
        startPort: startPort === 0 ? 0 : startPort + id,
      },
      entry,
    }));
}

async function runOne(context: CommandContext): Promise<number> {
  const { Gateway } = await import("../gateway/mod.ts");
  const { settings } = context;
  return await serve(context, { who: `gateway ${settings.id}` }, () => ({
    what: `gateway with clients on ${
      settings.listen.join(", ")
    } and workers on ${
      settings.lanListen || settings.lanIp
    }:${settings.startPort}`,
    start: (signal) => Gateway.start({ ...gatewayOptions(settings), signal }),
    readiness: (gateway) => readiness(gateway, settings),
    stopTimeout: settings.stopTimeout * 1000,
  }));
}

function gatewayOptions(
  settings: Settings,
): Parameters<typeof Gateway.start>[0] {
  const { lanListen, name } = settings;
  return {
    listen: settings.listen,
    register: settings.register,
    lanIp: settings.lanIp,
    startPort: settings.startPort,
    secretKey: settings.secretKey,
    pingInterval: settings.pingInterval,
    pingData: settings.pingData,
    pingNotResponseLimit: settings.pingNotResponseLimit,
    maxMessage: settings.maxMessage,
    sendBuffer: settings.sendBuffer,
    maxConnections: settings.maxConnections,
    reusePort: settings.reusePort,
    ...(lanListen === "" ? {} : { lanListen }),
    ...(name === "" ? {} : { name }),
  };
}

/** A port that the system chose stands in the listener's address only. */
function readiness(
  { addrs, lanAddress }: Gateway,
  { listen }: Settings,
): Readiness {
  const addresses = listen.map((url, i) =>
    url.replace(/:0$/, `:${addrs[i]?.port ?? 0}`)
  );
  return {
    line: `Gateway ready: clients on ${
      addresses.join(", ")
    }, workers on ${lanAddress} (pid ${Deno.pid})`,
    addresses,
  };
}
