import {
  CLOSE_CAUSES,
  CLOSE_CODE_RULE,
  type CloseCause,
  type CloseCodes,
  DEFAULT_CLOSE_CODES,
  isCloseCode,
} from "../../transport/close_codes.ts";
import { type Kind, listOf } from "./option_kind.ts";

/** What a cause is called on the command line. */
const WORDS: Readonly<Record<CloseCause, string>> = {
  noWorker: "no-worker",
  slow: "slow",
  fast: "fast",
  idle: "idle",
  replaced: "replaced",
};

const PATTERN = `^(${Object.values(WORDS).join("|")})=[0-9]{4}$`;

function readOne(text: string): readonly [CloseCause, number] | undefined {
  const [word, digits = "", ...rest] = text.split("=");
  const cause = CLOSE_CAUSES.find((each) => WORDS[each] === word);
  const isCode = /^\d{4}$/.test(digits) && isCloseCode(Number(digits));
  if (cause === undefined || !isCode || rest.length > 0) return undefined;
  return [cause, Number(digits)];
}

/** With which codes clients are closed: `no-worker=1013`, the last for a cause counts. */
export const CLOSE_CODES: Kind<readonly string[]> = {
  placeholder: "CAUSE=CODE,…",
  rule: `one of ${
    Object.values(WORDS).join(", ")
  }, then = and a code: ${CLOSE_CODE_RULE}`,
  many: true,
  schema: listOf(PATTERN),
  accepts: (text) => readOne(text) !== undefined,
  read: (texts) => texts,
};

/** What the texts come to. */
export function closeCodesOf(texts: readonly string[]): CloseCodes {
  return Object.fromEntries(
    texts.map(readOne).filter((one) => one !== undefined),
  );
}

/** The defaults, as they would be given. */
export const DEFAULT_CLOSE_CODES_TEXT: string = CLOSE_CAUSES
  .map((cause) => `${WORDS[cause]}=${DEFAULT_CLOSE_CODES[cause]}`)
  .join(", ");
