/**
 * The handler of the presence scenario: puts clients into groups, says for them what
 * they say of themselves, and tells a judge who comes and goes.
 *
 * @module
 */
import type { Cluster, HandlerEvent } from "../../mod.ts";
import type { ToldToJudge } from "./presence_checks.ts";

/** The uid of the client that hears who came and went. */
export const JUDGE = "judge";

/** The group of all users. */
export const EVERYBODY = "everybody";

/** Who asks with a name is a user, with a room alone somebody who looks. */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type === "join" || event.type === "leave") {
    const { type, uid, redelivered, group = "" } = event;
    const told: ToldToJudge = { type, group, uid, redelivered };
    cluster.sendToUid(JUDGE, JSON.stringify(told));
    return undefined;
  }
  if (event.type === "connect") {
    const { client, request } = event;
    const name = request?.query.get("name") ?? "";
    const rooms = request?.query.getAll("room") ?? [];
    try {
      if (name !== "") await client.bindUid(name);
      for (const room of rooms) await client.joinGroup(room);
    } catch {
      // Its gateway has not answered in time: it comes again.
      return void client.close();
    }
    return "in";
  }
  if (event.type !== "message") return undefined;
  const { n, state } = JSON.parse(event.text());
  await event.client.setPresence(state);
  return `${n}`;
}
