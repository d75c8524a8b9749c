import type { HandlerEvent } from "@gatewayworker/core";

/** Gives a client what a usual one has: a session of 100 bytes, a uid, two groups. */
export default async function handle(
  event: HandlerEvent,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  const name = event.text();
  event.client.session = { name: name.padEnd(90, "z") };
  await event.client.bindUid(name);
  await event.client.joinGroup("everybody");
  await event.client.joinGroup(`room${name.slice(-1)}`);
  return "+ready";
}
