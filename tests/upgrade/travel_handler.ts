/** What workers of both versions run for clients of the library. @module */
import type { HandlerEvent } from "../../mod.ts";
import type { BOUND, EVERYBODY, Told } from "../chaos/return_handler.ts";

/** The variable that names the file in which all that handlers are told stands. */
export const JOURNAL = "UPGRADE_JOURNAL";

/** The group of all clients. */
const GROUP: typeof EVERYBODY = "everybody";

/** Said when it is known where to send. */
const READY: typeof BOUND = "bound";

/** Writes down what it is told, and then answers requests with what they ask. */
export default async function handle(event: HandlerEvent): Promise<void> {
  if (!("redelivered" in event) || !("client" in event)) return;
  const { client } = event;
  if (event.type === "connect") {
    const name = event.request?.query.get("name") ?? "";
    client.session = { name };
    await client.bindUid(name);
    await client.joinGroup(GROUP);
    client.send(READY);
  }
  const text = event.type === "message"
    ? event.text()
    : event.type === "request"
    ? `${event.data()}`
    : "";
  // Others are none of what a client of the library sees.
  const kind = event.type as Told["kind"];
  const { redelivered } = event;
  const name = `${client.session["name"]}`;
  const { id } = client;
  const told: Told = {
    kind,
    name,
    id,
    at: id,
    text,
    redelivered,
    worker: Deno.pid,
  };
  const line = `${JSON.stringify(told)}\n`;
  await Deno.writeTextFile(Deno.env.get(JOURNAL) ?? "", line, { append: true });
  if (event.type === "request") event.answer(text);
}
