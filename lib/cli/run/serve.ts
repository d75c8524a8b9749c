import { messageOf } from "../../base/errors.ts";
import type { Role } from "../../base/role.ts";
import { roomLogger } from "../../observe/logger.ts";
import {
  type ControlHandler,
  ControlServer,
  UNTIL_THE_END,
} from "../../process/control.ts";
import {
  ForegroundHost,
  type Host,
  inLines,
  type Lines,
} from "../../process/host.ts";
import { startLogging } from "../../process/logging.ts";
import { type RoleRun, runRole } from "../../process/run_role.ts";
import { surviveUncaught } from "../../process/uncaught.ts";
import { RuntimeDirError } from "../../process/runtime_dir.ts";
import type { CommandContext } from "../options/command.ts";
import type { Settings } from "../options/option_table.ts";
import type { ProcessQuestion } from "../ask/question.ts";
import { openAdmin } from "./open_admin.ts";
import { serveChild, type ServeOptions } from "./serve_child.ts";
import { mayControl, runtimeDirOf } from "../ask/runtime.ts";

const logger = roomLogger("cli");

/**
 * Runs a role as a command does: logging on, stopped by signals, by orders, or by
 * its supervisor.
 *
 * @param context What the command was given.
 * @param options How the process presents itself.
 * @param toRun The role, for the host that it runs under.
 * @returns The exit code.
 */
export async function serve<R extends Role>(
  context: CommandContext,
  options: ServeOptions,
  toRun: (host: Host) => RoleRun<R>,
): Promise<number> {
  const { settings, output } = context;
  if (settings.supervised) return await serveChild(context, options, toRun);
  const { who, controlName } = options;
  const { logLevel: levels, logFormat: format } = settings;
  using _logging = startLogging({ levels, format, who });
  using _uncaught = surviveUncaught();
  const lines: Lines = {
    // Whoever reads JSON lines wants nothing else in between.
    out: format === "json"
      ? (line) => logger.info("{line}", { line })
      : (line) => output.out(`${line}\n`),
    error: (line) => output.error(`${line}\n`),
  };
  const stopDelay = settings.admin === "" ? 0 : settings.stopDelay * 1000;
  await using host = new ForegroundHost(lines, stopDelay);
  host.onDelay = () => void announceStop(host);
  try {
    await using _control = await openControl(context, controlName, host);
    await using _admin = await openAdmin(context, host);
    return await runRole(toRun(host), host);
  } catch (error) {
    lines.error(toLine(error, settings));
    return 1;
  }
}

/** Lets everybody below tell balancers to go elsewhere; never rejects. */
async function announceStop(host: ForegroundHost): Promise<void> {
  try {
    const question: ProcessQuestion = { about: "stop" };
    await host.onAsk?.(question);
  } catch (error) {
    logger.warn("Cannot announce the stop at the client ports: {reason}", {
      reason: messageOf(error),
    });
  }
}

function toLine(error: unknown, { admin }: Settings): string {
  const message = messageOf(error);
  return message.startsWith("Cannot ")
    ? message
    : `Cannot listen for administrators on ${admin}: ${message}`;
}

async function openControl(
  context: CommandContext,
  name: string,
  host: ForegroundHost,
): Promise<AsyncDisposable | undefined> {
  const { settings } = context;
  if (!mayControl(settings)) {
    logger.debug(
      "No control socket, as that needs --allow-net, --allow-sys=uid, and --allow-read and --allow-write of the runtime directory",
    );
    return undefined;
  }
  const dir = runtimeDirOf(settings);
  const handler = controlHandler(name, host, context);
  return await ControlServer.open(dir, name, handler);
}

/** Who asked hears how it went; whoever reads the log is to see it there, too. */
async function follow(order: Promise<void>): Promise<void> {
  try {
    await order;
  } catch (error) {
    logger.error("{cause}", inLines(messageOf(error)));
    throw error;
  }
}

function controlHandler(
  name: string,
  host: ForegroundHost,
  context: CommandContext,
): ControlHandler {
  return async (order, say, gone) => {
    switch (order.order) {
      case "ask":
        return await host.onAsk?.(order.question);
      case "reload":
        if (host.onReload === undefined) {
          throw new RuntimeDirError(
            `Cannot reload "${name}": it is not ready, or has no workers under it that could be`,
          );
        }
        return await follow(host.onReload(say, order));
      case "drain":
        if (host.onDrain === undefined) {
          throw new RuntimeDirError(
            `Cannot drain "${name}": it is not ready, or has no gateways under it`,
          );
        }
        return await follow(host.onDrain(order, say));
      case "tap": {
        const { runTap } = await import("./run_tap.ts");
        return await runTap(context, order, { say, gone });
      }
      case "stop":
        logger.info("Stopping{now}, as {by} wants", {
          now: order.now ? " at once" : "",
          by: order.by,
        });
        if (order.now) host.endNow();
        else host.end();
        return UNTIL_THE_END;
      default:
        return order satisfies never;
    }
  };
}
