/**
 * What the clients under trial talk to. The query of a client says what it wants:
 * `do=echo` (after a greeting), `do=close&code=N`, `do=grow&to=N` (messages that
 * double), `do=idle&for=MS`, or `do=watch`: to be told how the others left.
 *
 * @module
 */
import type { Cluster, HandlerEvent } from "@gatewayworker/core";

const pause = (time: number) =>
  new Promise((resolve) => setTimeout(resolve, time));

/** The first message of `do=grow`, in bytes. */
const SMALLEST = 1_024;

/**
 * Milliseconds before a greeting, and from it to the close that was asked for: some
 * misread what comes together with the answer to their upgrade, now and then.
 */
const APART = 100;

type ConnectEvent = Extract<HandlerEvent, { type: "connect" }>;

/** Sends messages of 1 KiB, 2 KiB and so on, then says goodbye. */
async function grow({ client }: ConnectEvent, to: number): Promise<void> {
  for (let size = SMALLEST; size <= to; size *= 2) {
    client.send("g".repeat(size));
  }
  await client.close();
}

/** Says nothing for a while: heartbeats alone must keep the connection. */
async function idle({ client }: ConnectEvent, time: number): Promise<void> {
  await pause(time);
  await client.close("still here");
}

async function welcome(event: ConnectEvent): Promise<string | undefined> {
  const { client, request } = event;
  const query = request?.query ?? new URLSearchParams();
  client.session = { run: query.get("run") ?? "" };
  switch (query.get("do")) {
    case "watch":
      await client.joinGroup("watchers");
      return "watching";
    case "close": {
      client.send("welcome");
      const code = Number(query.get("code"));
      await pause(APART);
      // Only some codes are a handler's to say: the wire puts in the others.
      const isOurs = code === 1000 || code >= 3000;
      await client.close(undefined, {
        code: isOurs ? code : 3999,
        reason: `say ${code}`,
      });
      return undefined;
    }
    case "grow":
      await grow(event, Number(query.get("to")));
      return undefined;
    case "idle":
      void idle(event, Number(query.get("for")));
      return undefined;
    default:
      await pause(APART);
      return "welcome";
  }
}

/** Answers as the client's query asks. */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | Uint8Array | undefined> {
  switch (event.type) {
    case "connect":
      return await welcome(event);
    case "message":
      return event.binary ? event.bytes() : event.text();
    case "close": {
      const { code, client: { session } } = event;
      const told = JSON.stringify({ run: session["run"], code });
      await cluster.sendToGroup("watchers", told);
    }
  }
  return undefined;
}
