import type { OptionKey, Settings } from "./option_table.ts";

/** A command of the command line: one file, one line in `commands.ts`. */
export interface Command {
  /** What a person types. */
  readonly name: string;
  /** Names of what must follow it, such as `HANDLER`. */
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
  /** As many as the command asked for. */
  readonly operands: readonly string[];
  /** URL of the module that a child process runs. */
  readonly entry: string;
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
