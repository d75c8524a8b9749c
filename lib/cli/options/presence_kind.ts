import type { WorkerPresenceOptions } from "../../worker/handler/presence_options.ts";
import { type Kind, listOf } from "./option_kind.ts";

const WATCHED = "^(group|uid):[^*,]*\\*?$";
const PATTERN = /^(group|uid):(?!$)[^*,]*\*?$/;

/** Whose coming and going workers want to know. */
export const WATCHED_NAMES: Kind<readonly string[]> = {
  placeholder: "NAMES",
  rule:
    '"group:" or "uid:" and a name, or what names begin with and "*", several separated by commas',
  many: true,
  schema: listOf(WATCHED),
  accepts: (text) => PATTERN.test(text),
  read: (texts) => texts,
};

/** Returns the groups and the uids among what is watched. */
export function watchedNames(
  texts: readonly string[],
): Pick<WorkerPresenceOptions, "groups" | "uids"> {
  const after = (prefix: string) =>
    texts.flatMap((text) =>
      text.startsWith(prefix) ? [text.slice(prefix.length)] : []
    );
  return { groups: after("group:"), uids: after("uid:") };
}
