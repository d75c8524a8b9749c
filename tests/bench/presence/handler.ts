/** The handler of the bench of presence: a client is a user with the name it asks for. */

import type { HandlerEvent } from "../../../mod.ts";

let joins = 0;
let leaves = 0;

/** Answers with the client's id, and counts who comes and goes. */
export default async function handle(
  event: HandlerEvent,
): Promise<string | undefined> {
  if (event.type === "join") joins++;
  else if (event.type === "leave") leaves++;
  else if (event.type === "message") return `${joins} ${leaves}`;
  else if (event.type === "connect") {
    await event.client.bindUid(event.request?.query.get("name") ?? "");
    return event.client.id;
  }
  return undefined;
}
