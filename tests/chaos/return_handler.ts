/**
 * The handler of the return scenario: says in each message and request who it was and
 * what it is, to a client that writes it down.
 *
 * @module
 */
import type { Cluster, HandlerEvent } from "../../mod.ts";

/** The uid of the client that writes down what handlers were told. */
export const JUDGE = "judge";

/** The group of everybody else. */
export const EVERYBODY = "everybody";

/** What a client hears when everybody who sends knows where its uid and group are. */
export const BOUND = "bound";

/** What a handler was told, as the judge hears it. */
export interface Told {
  /** Which event it was. */
  readonly kind: "connect" | "message" | "request" | "away" | "back" | "close";
  /** The name that the client has chosen. */
  readonly name: string;
  /** The client's first id: one for each session. */
  readonly id: string;
  /** The client's id now. */
  readonly at: string;
  /** The message, or what was asked. */
  readonly text: string;
  /** Whether it may have been told before. */
  readonly redelivered: boolean;
  /** Process id of the worker that was told. */
  readonly worker: number;
}

/** Tells the judge, and answers requests with what they ask. */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<void> {
  if (!("redelivered" in event) || !("client" in event)) return;
  const { client } = event;
  if (event.type === "connect") {
    const name = event.request?.query.get("name") ?? JUDGE;
    client.session = { name, id: client.id };
    await client.bindUid(name);
    if (name !== JUDGE) {
      await client.joinGroup(EVERYBODY);
      client.send(BOUND);
    }
  }
  const name = `${client.session.name}`;
  if (name === JUDGE) return;
  const text = event.type === "message"
    ? event.text()
    : event.type === "request"
    ? `${event.data()}`
    : "";
  const { type: kind, redelivered } = event;
  const id = `${client.session.id}`;
  const told: Told = {
    kind,
    name,
    id,
    at: client.id,
    text,
    redelivered,
    worker: Deno.pid,
  };
  cluster.sendToUid(JUDGE, JSON.stringify(told));
  if (event.type === "request") event.answer(text);
}
