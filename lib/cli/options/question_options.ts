import { FLAG, SECONDS, wholeNumber } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What commands are told that ask or order something and end. */
export interface QuestionSettings {
  /** Whether the answer is JSON. */
  json: boolean;
  /** Whether the answer is shown again and again. */
  watch: boolean;
  /** Seconds between two answers. */
  interval: number;
  /** Most rows of an answer. */
  limit: number;
  /** Whether to stop without finishing anything. */
  now: boolean;
  /** Whether a schema is printed. */
  schema: boolean;
}

/** The options of commands that ask or order something. */
export const QUESTION_OPTIONS: OptionTable<QuestionSettings> = {
  json: {
    name: "json",
    kind: FLAG,
    default: false,
    help: "Print JSON",
    flagOnly: true,
  },
  watch: {
    name: "watch",
    kind: FLAG,
    default: false,
    help: "Print again and again, until Ctrl-C",
    flagOnly: true,
  },
  interval: {
    name: "interval",
    kind: SECONDS,
    default: 2,
    help: "Seconds between two answers of --watch",
    flagOnly: true,
  },
  limit: {
    name: "limit",
    kind: wholeNumber(1, 1_000_000),
    default: 100,
    help: "Most rows to print",
    flagOnly: true,
  },
  now: {
    name: "now",
    kind: FLAG,
    default: false,
    help: "Stop at once: what was accepted and not handled goes to others",
    flagOnly: true,
  },
  schema: {
    name: "schema",
    kind: FLAG,
    default: false,
    help: "Print a JSON Schema of the configuration file",
    flagOnly: true,
  },
};
