import { dirname } from "node:path";
import { messageOf } from "../../base/errors.ts";

/** What Deno says of something that a process may not do, and what it advises. */
const REFUSED =
  /Requires (\w+) access to "([^"]*)"(, run again with the --allow-\w+ flag)?/;

/**
 * Returns an error that says what to allow, if a handler could not be loaded or started
 * since workers may not do all that it does; otherwise what was thrown.
 *
 * @param error What was thrown.
 * @param handler Path of its module: whoever may read it may read what lies beside it.
 */
export function withPermissionHint(error: unknown, handler: string): unknown {
  const message = messageOf(error);
  const [found = "", kind = "", what = ""] = REFUSED.exec(message) ?? [];
  if (found === "") return error;
  const folder = dirname(handler);
  const isBeside = kind === "read" && what.startsWith(`${folder}/`);
  const flag = `--allow-${kind}=${isBeside ? folder : what}`;
  const advice =
    `requires ${kind} access to "${what}" (add ${flag} to --worker-permissions)`;
  const told = message.startsWith("Cannot ")
    ? message
    : `Cannot start handler "${handler}": ${message}`;
  return new TypeError(told.replace(found, advice), { cause: error });
}
