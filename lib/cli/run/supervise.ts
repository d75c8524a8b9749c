import { roomLogger } from "../../observe/logger.ts";
import type { Group, Say } from "../../process/supervisor.ts";
import type { ReloadRequest } from "../../process/host.ts";
import { ChildError, Supervisor } from "../../process/supervisor.ts";
import { writeAll } from "../../process/write_all.ts";
import type { CommandContext } from "../options/command.ts";
import { answer } from "../ask/question.ts";
import { DevReload } from "./dev.ts";
import { renewAll } from "./renew_trust.ts";
import { drainGateways } from "./drain_gateways.ts";
import { GATEWAYS, WORKERS } from "./groups.ts";
import { childStartTimeoutOf, stopTimeoutOf } from "../options/role_options.ts";
import { UsageSharing } from "./share_usage.ts";
import { serve } from "./serve.ts";
import { WorldFiles } from "../world/world_files.ts";
import { StandingDrain } from "./standing_drain.ts";
import { answersOf, forOne } from "./supervisor_answers.ts";
import { workersArrive } from "./workers_arrive.ts";

const logger = roomLogger("cli");

/** Milliseconds that the answer to a drain is waited for, which nobody reads. */
const DRAIN_ANSWER = 1_000;

/** What is run. */
export interface Supervision {
  /**
   * The groups in the order of starting; may throw why they cannot be run. Takes where
   * the worlds of modules are written down until the end.
   */
  toGroups(worlds: WorldFiles): readonly Group[] | Promise<readonly Group[]>;
  /** URL of a handler that is loaded again when it changes; none if left out. */
  readonly watched?: string | undefined;
}

/**
 * Runs groups of children until told to stop.
 *
 * @param context What the command was given.
 * @param controlName Under which name it takes orders.
 * @param supervision What to run.
 * @returns The exit code.
 */
export async function supervise(
  context: CommandContext,
  controlName: string,
  { toGroups, watched }: Supervision,
): Promise<number> {
  using worlds = new WorldFiles();
  const stopTimeout = stopTimeoutOf(context.settings);
  const addresses = new Set<string>();
  const options = { who: "supervisor", controlName };
  let dev: DevReload | undefined;
  let reloading: Promise<void> | undefined;
  const standing = new StandingDrain();
  let running: Supervisor | undefined;
  let sharing: UsageSharing | undefined;
  const code = await serve(context, options, (host) => ({
    what: "supervisor",
    start: async (signal) => {
      const groups = await toGroups(worlds);
      dev = watched === undefined ? undefined : await DevReload.prepare({
        handler: watched,
        group: WORKERS,
        flags: () => worlds.of(watched).flags,
      });
      const supervisor = await Supervisor.start({
        groups,
        startTimeout: childStartTimeoutOf(context.settings),
        hangTimeout: context.settings.hangTimeout * 1000,
        stopTimeout,
        signal,
        killSignal: host.stopNow,
        onOutput: (bytes) => writeAll(Deno.stdout, bytes),
        onReady: (readiness) => {
          for (const address of readiness.addresses) addresses.add(address);
          if (readiness.addresses.length > 0) drainAgain(running, standing);
          if (dev === undefined) host.ready(readiness);
        },
      });
      running = supervisor;
      const isWhole = supervisor.has(WORKERS) && supervisor.has(GATEWAYS);
      if (isWhole) await workersArrive(supervisor, signal);
      return supervisor;
    },
    readiness: (supervisor) => {
      const answers = answersOf(supervisor, standing);
      host.onReload = (say, request) => {
        if (request?.gateways) standing.end();
        return reload(supervisor, say, request);
      };
      host.onAsk = (question) => answer(question, answers);
      if (sharesUsage(supervisor, context)) {
        sharing = new UsageSharing(supervisor);
      }
      if (supervisor.has(GATEWAYS)) {
        const delay = context.settings.stopDelay * 1000;
        host.onDrain = (order, say) =>
          drainGateways(answers, order, { say, delay });
      }
      reloading = dev?.run(supervisor, {
        say: (line) => host.ready({ line, addresses: [] }),
        complain: (line) => host.failed(line),
      }, host.stop);
      return { line: summary(addresses, watched), addresses: [] };
    },
  }));
  await reloading;
  await sharing?.[Symbol.asyncDispose]();
  return code;
}

/** A gateway that has come lets nobody in, if that is what its like were told. */
function drainAgain(
  supervisor: Supervisor | undefined,
  { question }: StandingDrain,
): void {
  if (supervisor === undefined || question === undefined) return;
  logger.info(
    "A gateway has come after {by} had clients sent away: it lets nobody in either",
    { by: question.by },
  );
  // Those that do so already go on with it.
  void supervisor.ask(forOne(question, supervisor), DRAIN_ANSWER);
}

/** Whether there are several gateways that limit what they could share. */
function sharesUsage(
  supervisor: Supervisor,
  { settings: { limits, maxPerAddress, authorize } }: CommandContext,
): boolean {
  const mayLimit = limits.length > 0 || maxPerAddress > 0 || authorize !== "";
  return mayLimit && supervisor.has(GATEWAYS) &&
    supervisor.pids(GATEWAYS).length > 1;
}

function summary(addresses: ReadonlySet<string>, watched?: string): string {
  const where = addresses.size === 0 ? "" : `: ${[...addresses].join(", ")}`;
  const how = watched === undefined ? "" : "reloads on change, ";
  return `All ready${where}  (${how}stop with Ctrl-C)`;
}

async function reload(
  supervisor: Supervisor,
  say: Say,
  { gateways, by }: ReloadRequest = { gateways: false, by: "a signal" },
): Promise<void> {
  const group = gateways ? GATEWAYS : WORKERS;
  if (gateways) checkSharedPort(supervisor);
  await renewAll(supervisor, say);
  if (!supervisor.has(group)) return;
  logger.info("Reloading the {group}, one after another, as {by} wants", {
    group,
    by,
  });
  await supervisor.replaceAll(group, (line) => {
    logger.info("{line}", { line });
    say(line);
  });
  logger.info("Reloaded the {group}", { group });
}

/** @throws {ChildError} If a next gateway could not listen beside the one that is there. */
function checkSharedPort(supervisor: Supervisor): void {
  if (supervisor.pids(GATEWAYS).length > 1) return;
  throw new ChildError(
    "Cannot replace the gateway as it has its port for itself: start two, with --gateways 2 or --count 2",
  );
}
