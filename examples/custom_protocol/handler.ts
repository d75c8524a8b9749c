/**
 * Who asks "is anybody there?" gets an answer; what a sensor measures goes to the
 * group of those who watch.
 *
 * @module
 */
import type { Cluster, HandlerEvent } from "@gatewayworker/core";
import type { ClientMessageEvent } from "@gatewayworker/core/worker";
import { readFrame } from "./protocol.ts";

/** Which of the gateway's listeners is for sensors: main.ts has them in this order. */
const SENSORS = 1;

/** Brings measurements to those who watch. */
export async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  const isBrowser = event.type === "connect" && event.request !== undefined;
  if (isBrowser) await event.client.joinGroup("watchers");
  if (event.type !== "message") return undefined;
  let measured: string;
  try {
    measured = read(event);
  } catch (error) {
    // The sensor may try again, and whoever looks after it sees which one it is.
    const reason = error instanceof TypeError ? error.message : "no frame";
    say(`Refused what ${event.client.remoteAddress} sent: ${reason}`);
    return `refused: ${reason}`;
  }
  await cluster.sendToGroup("watchers", measured);
  return "ok";
}

function read(event: ClientMessageEvent): string {
  return event.client.listener === SENSORS
    ? readFrame(event.bytes())
    : event.text();
}

function say(line: string): void {
  // deno-lint-ignore no-console -- this line is for the person who started the example
  console.log(line);
}

export default handle;
