import type { ChildSpec } from "../../process/child.ts";
import { childSpec } from "./child_command.ts";
import { words } from "../options/option_kind.ts";
import type { Command, CommandContext } from "../options/command.ts";
import { withinFileLimit } from "../options/gateway_limits.ts";
import { authorizeFiles } from "../options/load_authorize.ts";
import { findLanIp } from "../../peer/lan_ip.ts";
import { GATEWAY_KEYS } from "../options/role_keys.ts";
import { serve } from "../run/serve.ts";
import { CORE_FILES } from "../world/core.ts";
import { refuseForeignWorld } from "../world/foreign_world.ts";
import type { WorldFiles } from "../world/world_files.ts";
import { toModuleUrl } from "../options/module_url.ts";
import { tellSharedPort } from "../run/shared_port.ts";
import { GATEWAYS } from "../run/groups.ts";
import { supervise } from "../run/supervise.ts";

/** Runs gateways under a supervisor, or one in this process. */
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
deno run -A cli.ts gateway --count 2 --register 10.0.0.1:1236 --lan-ip 10.0.0.2 --ping-interval 20
# WebSocket and lines of text at the same time
deno run -A cli.ts gateway --listen ws://0.0.0.0:8282 --listen text://0.0.0.0:8283`,
  options: GATEWAY_KEYS,
  run: async (context) => {
    const { supervised, alone, count } = context.settings;
    if (supervised || alone) {
      const { authorize } = context.settings;
      if (alone && authorize !== "") refuseForeignWorld(toModuleUrl(authorize));
      const { runGateway } = await import("../roles/gateway.ts");
      return await runGateway(context, serve);
    }
    return await supervise(context, `gateway-${Deno.pid}`, {
      toGroups: async (worlds) => [{
        name: GATEWAYS,
        children: await gatewayChildren(context, { count, worlds }),
      }],
    });
  },
};

/**
 * Keeps the garbage of handshakes from growing the heap: with 15,000 idle clients, a
 * gateway takes 7.4 KB for each in place of 10.9 KB, and handles messages no slower.
 */
const GATEWAY_V8_FLAGS = "--max-semi-space-size=4";

/**
 * Lets the runtime look for new input often, so that it serves many sockets in turns:
 * with 900 clients that each have a message in flight, the p99 was 96 ms before and is
 * 12 to 15 ms.
 */
const FAIR_TURNS = {
  DENO_TOKIO_MAX_IO_EVENTS_PER_TICK: "64",
  DENO_TOKIO_EVENT_INTERVAL: "4",
};

/**
 * Lets the C library keep up to 16 MiB that nobody uses at the moment, and have all
 * blocks below 4 MiB come from there. By default it gives most of that back, and has the
 * system clear what it takes again: a fifth of the processor time of messages of 64 KiB
 * over TLS. With one of both set it adapts the other no more.
 */
const KEPT_MEMORY = {
  MALLOC_TRIM_THRESHOLD_: "16777216",
  MALLOC_MMAP_THRESHOLD_: "4194304",
};

/** Of gateways that are run as children. */
export interface GatewayGroup {
  /** How many. */
  readonly count: number;
  /** Where the world of their `authorize` module is written down. */
  readonly worlds: WorldFiles;
}

/** How to run gateways as children, sharing the client port. */
export async function gatewayChildren(
  { settings: wanted }: CommandContext,
  { count, worlds }: GatewayGroup,
): Promise<ChildSpec[]> {
  const settings = await withinFileLimit(wanted);
  if (count > 1) await tellSharedPort();
  const { startPort, register, authorize } = settings;
  // Here and not in each child, which then needs no permission for it.
  const lanIp = settings.lanIp || findLanIp(register);
  const world = worlds.of(authorize === "" ? "" : toModuleUrl(authorize));
  const toSpec = (id: number, port: number) =>
    childSpec({
      name: `gateway ${id}`,
      command: gatewayCommand,
      operands: [],
      settings: {
        ...settings,
        id,
        lanIp,
        reusePort: count > 1,
        v8Flags: `${GATEWAY_V8_FLAGS} ${settings.v8Flags}`,
        startPort: startPort === 0 ? 0 : port,
      },
      entry: import.meta.resolve("../roles/gateway.ts"),
      // With code of the user's in it, a gateway may do what handlers may.
      environment: { ...FAIR_TURNS, ...KEPT_MEMORY },
      permissions: authorize === ""
        ? ["--allow-net"]
        : words(settings.workerPermissions),
      files: authorize === ""
        ? []
        : [...authorizeFiles(authorize), ...CORE_FILES],
      world,
    });
  return Array.from({ length: count }, (_, id) =>
    alternating(
      toSpec(id, startPort + id),
      toSpec(id, startPort + count + id),
    ));
}

/** Each takes the other's place, with a port for workers that the other does not have. */
function alternating(one: ChildSpec, other: ChildSpec): ChildSpec {
  const first: ChildSpec = { ...one, successor: () => second };
  const second: ChildSpec = { ...other, successor: () => first };
  return first;
}
