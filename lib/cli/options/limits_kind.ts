import {
  LIMIT_NAMES,
  LIMIT_POLICIES,
  type LimitName,
  type Limits,
} from "../../gateway/clients/limits_options.ts";
import { type Kind, listOf } from "./option_kind.ts";

/** `uidConnections` is `uid-connections` on the command line. */
const wordOf = (name: LimitName): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const PATTERN = `^(${LIMIT_NAMES.map(wordOf).join("|")})=[0-9]+(:[a-z-]+)*$`;

type OneLimit = readonly [
  name: LimitName,
  limit: { max: number; policy?: string; dryRun?: boolean },
];

function readOne(text: string): OneLimit | undefined {
  const [word, value = "", ...rest] = text.split("=");
  const [digits = "", ...words] = value.split(":");
  const name = LIMIT_NAMES.find((each) => wordOf(each) === word);
  const max = /^\d{1,12}$/.test(digits) ? Number(digits) : 0;
  if (name === undefined || max < 1 || rest.length > 0) return undefined;
  const policies: readonly string[] = LIMIT_POLICIES[name];
  const isKnown = (each: string) =>
    each === "dry-run" || policies.includes(each);
  const policy = words.filter((each) => each !== "dry-run");
  if (!words.every(isKnown) || policy.length > 1) return undefined;
  const dryRun = words.includes("dry-run");
  const [chosen] = policy;
  return [name, {
    max,
    dryRun,
    ...(chosen !== undefined && { policy: chosen }),
  }];
}

/** Limits of uids and addresses: `uid-connections=5:replace-oldest`, the last of a name counts. */
export const LIMITS: Kind<readonly string[]> = {
  placeholder: "LIMIT=MAX[:POLICY][:dry-run],…",
  rule: `one of ${
    LIMIT_NAMES.map((name) =>
      `${wordOf(name)} (${LIMIT_POLICIES[name].join(", ")})`
    ).join(", ")
  }, then = and a number, and : and a policy of it or dry-run`,
  many: true,
  schema: listOf(PATTERN),
  accepts: (text) => readOne(text) !== undefined,
  read: (texts) => texts,
};

/** What the texts come to. */
export function limitsOf(texts: readonly string[]): Limits {
  return Object.fromEntries(
    texts.map(readOne).filter((one) => one !== undefined),
  );
}
