import type { OptionKey, Settings } from "./option_table.ts";

/** What a program ends with that was used in a way that cannot work. */
export const USAGE_EXIT_CODE = 2;

/** A command of the command line: one file, one line in `commands.ts`. */
export interface Command {
  /** What a person types. */
  readonly name: string;
  /** Names of what follows it, such as `HANDLER`; in brackets what may be left out. */
  readonly operands: readonly string[];
  /** One line for the list of commands. */
  readonly summary: string;
  /** A paragraph for `--help`: what it does, and what it needs. */
  readonly description: string;
  /** Commands that work as they stand, each under a comment. */
  readonly examples: string;
  /** What it can be told, apart from the common options. */
  readonly options: readonly OptionKey[];
  /** Does it. Resolves with the exit code. */
  run(context: CommandContext): Promise<number>;
}

/** What a command works with. */
export interface CommandContext {
  /** Every option, from wherever its value came. */
  readonly settings: Settings;
  /** Where the values came from that are not defaults: `--lan-ip`. */
  readonly origins: ReadonlyMap<OptionKey, string>;
  /** What followed the command; as many as it asked for. */
  readonly operands: readonly string[];
  /** Where text goes. */
  readonly output: Output;
}

/** Standard output and standard error. */
export interface Output {
  /** Writes a result. */
  out(text: string): void;
  /** Writes a complaint. */
  error(text: string): void;
}
