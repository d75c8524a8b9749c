import type { Cluster, HandlerEvent } from "@gatewayworker/core";

/** Bytes that every session carries beside what changes in it. */
const BALLAST = "z".repeat(80);

/**
 * What the clients of a soak ask for: a name, sessions, groups, fan-out. Answers
 * begin with "=", what others cause does not.
 */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type === "connect") event.client.session = { said: 0, BALLAST };
  if (event.type !== "message") return undefined;
  const { client } = event;
  const [verb, name = ""] = event.text().split(" ");
  switch (verb) {
    case "hi":
      await client.bindUid(name);
      await client.joinGroup("everybody");
      await client.joinGroup(`room ${name}`);
      return "=hi";
    case "say":
      client.session = {
        ...client.session,
        said: Number(client.session.said) + 1,
      };
      return `=${client.session.said}`;
    case "room":
      await cluster.sendToGroup(`room ${name}`, "to the room");
      return "=room";
    case "uid":
      await cluster.sendToUid(name, "to somebody");
      return "=uid";
    case "all":
      await cluster.sendToGroup("everybody", "to everybody");
      return "=all";
    case "leave":
      await client.leaveGroup(`room ${name}`);
      return "=leave";
    default:
      return "=what?";
  }
}
