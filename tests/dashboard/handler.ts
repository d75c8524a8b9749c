/** A handler whose clients have uids, groups and sessions. @module */

import type { HandlerEvent } from "../../mod.ts";

/** `i am NAME` names a client and puts it in the lobby; all else is echoed. */
export default async function handle(
  event: HandlerEvent,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  const text = event.text();
  const [, name] = /^i am (.+)$/.exec(text) ?? [];
  if (name === undefined) return text;
  await event.client.bindUid(name);
  await event.client.joinGroup("lobby");
  event.client.session["nickname"] = name;
  return `hello ${name}`;
}
