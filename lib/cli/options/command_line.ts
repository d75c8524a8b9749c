import { Command as Parser, CommanderError, Option } from "commander";
import { closest } from "./closest.ts";
import { type Command, USAGE_EXIT_CODE } from "./command.ts";
import {
  COMMON_OPTIONS,
  configName,
  envName,
  formerNameOf,
  OPTION_GROUPS,
  type OptionKey,
  OPTIONS,
  type OptionSpec,
  toConfigName,
} from "./option_table.ts";

/** What a person asked for. */
export interface CommandLine {
  /** The command. */
  readonly command: Command;
  /** What followed it, flags aside. */
  readonly operands: readonly string[];
  /** What a flag was given, by its name in kebab case; `undefined` if it was not. */
  flag(name: string): readonly string[] | undefined;
  /** Unknown flags, and operands too many or too few. */
  readonly mistakes: readonly string[];
}

/** Asked for by `--help` or `--version`, or shown since nothing was asked for. */
export interface Information {
  /** Exit code. */
  readonly code: number;
  /** What to print. */
  readonly text: string;
}

/** Who this program is. */
export interface ProgramInfo {
  /** What `--version` prints. */
  readonly version: string;
  /** Every command. */
  readonly commands: readonly Command[];
}

const DESCRIPTION =
  `Long-lived client connections on gateways, your code on workers, and a Register
that brings them together. "start" runs all three on this machine.`;

const EXAMPLES = `
Examples:
  # everything on one machine
  deno run -A cli.ts start handler.ts
  # what a command can be told
  deno run -A cli.ts gateway --help`;

/**
 * Reads a command line.
 *
 * @param args What followed the program's name.
 * @param program What can be asked for.
 * @returns What was asked for, or what there is to say instead.
 */
export async function readCommandLine(
  args: readonly string[],
  program: ProgramInfo,
): Promise<CommandLine | Information> {
  let text = "";
  let asked: CommandLine | undefined;
  // What follows "--" is no flag, whatever it begins with.
  const end = args.indexOf("--") === -1 ? args.length : args.indexOf("--");
  const parser = createParser(program, {
    onText: (part) => text += part,
    onCommand: (command, sub) =>
      asked = toCommandLine(sub, {
        command,
        commands: program.commands,
        literal: args.slice(end + 1),
      }),
  });
  try {
    await parser.parseAsync(args.slice(0, end), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return information(error, text);
  }
  return asked ?? { code: USAGE_EXIT_CODE, text: parser.helpInformation() };
}

function information(error: CommanderError, text: string): Information {
  if (error.exitCode === 0) return { code: 0, text };
  if (error.code === "commander.help") return { code: USAGE_EXIT_CODE, text };
  const message = error.message.replace(/^error: /, "").replaceAll("\n", " ");
  return {
    code: USAGE_EXIT_CODE,
    text: `Cannot read the command line: ${message}\n`,
  };
}

interface ParserEvents {
  onText(part: string): void;
  onCommand(command: Command, parsed: Parser): void;
}

function createParser(
  { version, commands }: ProgramInfo,
  { onText, onCommand }: ParserEvents,
): Parser {
  const parser = new Parser("gatewayworker")
    .description(DESCRIPTION)
    .version(`gatewayworker ${version}`, "-V, --version", "Print the version")
    .helpOption("-h, --help", "Print this help")
    .helpCommand(false)
    .addHelpText("after", EXAMPLES)
    .configureHelp({
      subcommandTerm: (sub) => `${sub.name()} ${sub.usage()}`,
    })
    .exitOverride()
    .configureOutput({
      writeOut: onText,
      writeErr: onText,
      // Ours to word: see information().
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const command of commands) {
    addCommand(parser, command).action((_options, sub: Parser) =>
      onCommand(command, sub)
    );
  }
  return parser;
}

function addCommand(parser: Parser, command: Command): Parser {
  const sub = parser.command(command.name)
    .summary(command.summary)
    .description(unwrapped(command.description))
    .usage([...command.operands, "[options]"].join(" "))
    .helpOption("-h, --help", "Print this help")
    .addHelpText("after", `\nExamples:\n${indent(command.examples)}\n\n${ALSO}`)
    // Ours to report, all at once.
    .allowUnknownOption()
    .allowExcessArguments();
  const keys = [...command.options, ...COMMON_OPTIONS, "supervised" as const];
  for (const { title, key } of inGroups(keys)) {
    sub.addOption(toOption(OPTIONS[key]).helpGroup(`${title}:`));
    if (OPTIONS[key].deniable === true) {
      sub.addOption(new Option(`--no-${OPTIONS[key].name}`).hideHelp());
    }
    const name = formerNameOf(key, keys);
    if (name !== undefined) {
      sub.addOption(toOption({ ...OPTIONS[key], name, internal: true }));
    }
  }
  return sub;
}

/** The common options first, then the others by what they are about. */
function inGroups(
  keys: readonly OptionKey[],
): { title: string; key: OptionKey }[] {
  const isCommon = (key: OptionKey) =>
    OPTIONS[key].common === true || keys.length < FEW;
  const groups = OPTION_GROUPS.map(({ title, keys: all }) => ({
    title,
    keys: all.filter((key) => keys.includes(key) && !isCommon(key)),
  }));
  return [{ title: "Options", keys: keys.filter(isCommon) }, ...groups]
    .flatMap(({ title, keys }) => keys.map((key) => ({ title, key })));
}

/** Fewer options than that need no groups. */
const FEW = 20;

/** One line for each paragraph, for the help to wrap; a list stays as it is. */
function unwrapped(text: string): string {
  return /\n /.test(text) ? text : text.replaceAll("\n", " ");
}

const ALSO = `Every option may also come from the environment (${
  envName("lanIp")
} for --lan-ip)
or from the --config file ("${
  configName("lanIp")
}"). A flag wins over the environment, the
environment over the file.`;

function indent(text: string): string {
  return text.trim().split("\n").map((line) => `  ${line}`).join("\n");
}

function toOption(
  { name, kind, internal, help, ...spec }: OptionSpec<unknown>,
): Option {
  const usual = spec.defaultText ?? String(spec.default);
  const value = kind.placeholder === "" ? "" : ` <${kind.placeholder}>`;
  const option = new Option(`--${name}${value}`, `${help} (default: ${usual})`);
  if (value === "") option.argParser(() => ["true"]);
  else option.argParser(collect);
  return internal ? option.hideHelp() : option;
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

interface Asked {
  readonly command: Command;
  readonly commands: readonly Command[];
  /** What followed "--". */
  readonly literal: readonly string[];
}

function toCommandLine(
  sub: Parser,
  { command, commands, literal }: Asked,
): CommandLine {
  const values = sub.opts<Record<string, string[] | boolean | undefined>>();
  // No flag of ours begins with a digit, but names do: "-1001234".
  const unknown = sub.args.filter((arg) => /^--\w|^-[A-Za-z]/.test(arg));
  const operands = sub.args.filter((arg) => !unknown.includes(arg))
    .concat(literal);
  const mistakes = unknown.map((arg) => unknownFlag(arg, command, commands));
  // What follows an unknown flag may be its value rather than an operand.
  if (unknown.length === 0) mistakes.push(...checkOperands(command, operands));
  return {
    command,
    operands,
    mistakes,
    flag: (name) => {
      const value = values[toConfigName(name)];
      return typeof value === "boolean" ? [String(value)] : value;
    },
  };
}

function checkOperands(
  { name, operands: wanted }: Command,
  given: readonly string[],
): string[] {
  const required = wanted.filter((operand) => !operand.startsWith("["));
  const missing = required.slice(given.length).map((operand) =>
    `Cannot run "${name}" as it needs a ${operand}: none was given, see "${name} --help"`
  );
  const extra = given.slice(wanted.length).map((operand) =>
    `Cannot run "${name}" as it takes ${
      wanted.length === 0 ? "no operand" : `only ${wanted.join(" ")}`
    }: "${operand}" is too many`
  );
  return [...missing, ...extra];
}

function unknownFlag(
  arg: string,
  { name, operands, options }: Command,
  commands: readonly Command[],
): string {
  const flag = arg.replace(/=.*$/s, "");
  const others = commands.filter((command) =>
    command.name !== "config" &&
    command.options.some((key) => `--${OPTIONS[key].name}` === flag)
  );
  const own = [...options, ...COMMON_OPTIONS].map((key) =>
    `--${OPTIONS[key].name}`
  );
  if (own.includes(flag)) {
    return `Cannot use ${arg} as ${flag} takes no value: write ${flag}, or leave it out`;
  }
  const meant = closest(flag, own);
  const hint = others.length > 0
    ? `it belongs to ${others.map((other) => other.name).join(", ")}`
    : meant !== undefined
    ? `did you mean "${meant}"?`
    : operands.length === 0
    ? `see "${name} --help"`
    : `see "${name} --help", or put -- before what is no option`;
  return `Cannot use ${flag} as "${name}" has no such option: ${hint}`;
}
