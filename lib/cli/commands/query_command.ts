import { type Question, QUESTIONS } from "../../admin/question.ts";
import { toJson } from "../../admin/to_json.ts";
import { type Command, USAGE_EXIT_CODE } from "../options/command.ts";
import { closest } from "../options/closest.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";
import { PHP_DIAL_KEYS } from "../options/php_options.ts";
import { withCluster } from "../ask/with_cluster.ts";

const NAMES = QUESTIONS.map(({ name }) => name);

/** Asks the cluster who is there. */
export const queryCommand: Command = {
  name: "query",
  operands: ["QUESTION", "[ABOUT]"],
  summary: "ask who is there: uids, groups, clients, sessions",
  description: `Asks all gateways, and prints the answer. The questions:

${QUESTIONS.map(describe).join("\n")}`,
  examples: `
# is ann there
deno run -A cli.ts query online ann
# how many are in the lobby, for a program
deno run -A cli.ts query count lobby --json
# everything about one client
deno run -A cli.ts query client 7f00000107d000000001`,
  options: [
    "register",
    ...NODE_TRUST_KEYS,
    ...PHP_DIAL_KEYS,
    "partial",
    "json",
  ],
  run: async (context) => {
    const { operands: [name = "", about], settings, output } = context;
    const question = QUESTIONS.find((each) => each.name === name);
    if (question === undefined) {
      output.error(`${unknown(name)}\n`);
      return USAGE_EXIT_CODE;
    }
    const mistake = mistakeIn(question, about);
    if (mistake !== undefined) {
      output.error(`${mistake}\n`);
      return USAGE_EXIT_CODE;
    }
    return await withCluster(context, async (cluster) => {
      const { partial } = settings;
      const answer = toJson(await question.ask(cluster, { partial }, about));
      output.out(
        settings.json
          ? `${JSON.stringify({ [name]: answer })}\n`
          : format(answer),
      );
      return 0;
    });
  },
};

function describe({ name, subject, summary }: Question): string {
  return `  ${usageOf(name, subject).padEnd(18)}${summary}`;
}

function usageOf(name: string, subject: Question["subject"]): string {
  if (subject === undefined) return name;
  const about = subject.name.toUpperCase();
  return `${name} ${subject.isRequired ? about : `[${about}]`}`;
}

function unknown(name: string): string {
  const meant = closest(name, NAMES);
  const hint = meant === undefined
    ? NAMES.join(", ")
    : `did you mean "${meant}"?`;
  return `Cannot ask "${name}" as there is no such question: ${hint}`;
}

function mistakeIn(
  { name, subject }: Question,
  about: string | undefined,
): string | undefined {
  if (subject?.isRequired && about === undefined) {
    return `Cannot ask "${name}" without a ${subject.name}: use "query ${
      usageOf(name, subject)
    }"`;
  }
  return subject === undefined && about !== undefined
    ? `Cannot ask "${name}" about anything: "${about}" is too many`
    : undefined;
}

/** One line for each entry of a list or record; "yes", "no" and "gone" for people. */
function format(answer: unknown): string {
  if (answer === null) return "gone\n";
  if (typeof answer === "boolean") return answer ? "yes\n" : "no\n";
  if (Array.isArray(answer)) return answer.map(rowOf).join("");
  if (typeof answer !== "object") return line(answer);
  return Object.entries(answer as object)
    .map(([key, value]) => line(`${key}  ${JSON.stringify(value)}`))
    .join("");
}

function rowOf(item: unknown): string {
  if (typeof item !== "object" || item === null) return line(item);
  return line(Object.values(item).join("  "));
}

/** What a client named must not command a terminal. */
function line(value: unknown): string {
  return `${String(value).replace(/\p{Cc}/gu, "?")}\n`;
}
