import { relative } from "node:path";
import { now } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { ROOMS } from "../../observe/logger.ts";
import { asSeenFromHere } from "../../process/logging.ts";
import type { Supervisor } from "../../process/supervisor.ts";
import type { CommandContext } from "../options/command.ts";
import type { OptionKey, Settings } from "../options/option_table.ts";
import { type FileState, stateOf, watchFiles } from "./file_watch.ts";
import { localFiles } from "./module_graph.ts";

/** What is different while somebody develops, unless an option says otherwise. */
const DEFAULTS: Partial<Settings> = {
  listen: ["ws://127.0.0.1:8282"],
  workers: 1,
  // A handler that hangs is not to hold up the next try.
  drainTimeout: 2,
  logFormat: "short",
  // What handlers log, and of ours what is amiss.
  logLevel: ["info", ...ROOMS.map((room) => `${room}=warning`)],
};

/** Returns what a command was given, with the defaults of `--dev` if that is on. */
export function withDevDefaults(context: CommandContext): CommandContext {
  const { settings, origins } = context;
  if (!settings.dev) return context;
  // Among JSON lines are those for people, too, which have the level info.
  const isForPrograms = settings.logFormat === "json";
  const defaults = Object.entries(DEFAULTS)
    .filter(([key]) => !origins.has(key as OptionKey))
    .filter(([key]) => key !== "logLevel" || !isForPrograms);
  return {
    ...context,
    settings: { ...settings, ...Object.fromEntries(defaults) },
  };
}

/** Whom is told what. */
export interface DevLines {
  /** Takes a line about what was done. */
  say(line: string): void;
  /** Takes one about what could not be done. */
  complain(line: string): void;
}

/** What is reloaded when which files change. */
export interface DevOptions {
  /** URL of the handler's module. */
  readonly handler: string;
  /** The group of workers. */
  readonly group: string;
  /** How Deno is told of the handler's world; asked anew at each change. */
  flags(): readonly string[];
}

/**
 * Replaces the workers whenever their handler, or what it imports from this machine,
 * changes. A handler that does not load leaves those that run.
 */
export class DevReload {
  readonly #options: DevOptions;
  readonly #used: FileState;

  private constructor(options: DevOptions, used: FileState) {
    this.#options = options;
    this.#used = used;
  }

  /** Looks at the files, before the workers load them. */
  static async prepare(options: DevOptions): Promise<DevReload> {
    const { handler, flags } = options;
    return new DevReload(options, stateOf(await localFiles(handler, flags())));
  }

  /** Reloads until it is aborted; never rejects. */
  async run(
    supervisor: Supervisor,
    lines: DevLines,
    signal: AbortSignal,
  ): Promise<void> {
    const { handler, flags } = this.#options;
    await watchFiles({
      used: this.#used,
      files: () => localFiles(handler, flags()),
      onChange: (changed) => this.#reload(supervisor, lines, changed),
      signal,
    });
  }

  async #reload(
    supervisor: Supervisor,
    { say, complain }: DevLines,
    changed: readonly string[],
  ): Promise<void> {
    const start = now();
    const what = changed.map((path) => relative(Deno.cwd(), path)).join(", ");
    try {
      await supervisor.replaceAll(this.#options.group);
      say(`Reloaded as ${what} changed (${Math.round(now() - start)} ms)`);
    } catch (error) {
      complain(`${what} changed: ${asSeenFromHere(messageOf(error))}`);
    }
  }
}
