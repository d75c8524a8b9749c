/**
 * The handler of the chaos suite: writes down what it is told before it does
 * anything, and when it is done.
 *
 * @module
 */
import type {
  ClientMessageEvent,
  Cluster,
  ConnectEvent,
  HandlerEvent,
} from "../../mod.ts";
import { type EventType, JournalWriter } from "./journal.ts";
import {
  answerText,
  countsInSession,
  groupOf,
  indexOf,
  partnerOf,
  readMessage,
  type Task,
  taskOf,
  uidOf,
} from "./script.ts";

/** Name of the variable that says where the journal is. */
export const JOURNAL_VARIABLE = "CHAOS_JOURNAL";

type ClientEvent = Extract<
  HandlerEvent,
  { type: "connect" | "message" | "close" }
>;

let opened: JournalWriter | undefined;

function journal(): JournalWriter {
  opened ??= new JournalWriter(Deno.env.get(JOURNAL_VARIABLE) ?? "");
  return opened;
}

/** Does with each event what the script says. */
export default function handle(
  event: HandlerEvent,
  cluster: Cluster,
): string | undefined | Promise<string | undefined> {
  switch (event.type) {
    case "start":
    case "slow":
    case "join":
    case "leave":
    case "notice":
      return undefined;
    case "connect":
      return welcome(event);
    case "message":
      return answer(event, cluster);
    case "close":
      begin(event, "", 0, lastSeen(event));
      return end(event);
    case "stop":
      opened?.[Symbol.dispose]();
      opened = undefined;
      return undefined;
    case "request":
    case "away":
    case "back":
      return undefined;
    default:
      return event satisfies never;
  }
}

async function welcome(event: ConnectEvent): Promise<undefined> {
  const { client } = event;
  const name = event.request?.query.get("name") ?? "";
  const index = indexOf(name);
  begin(event, name, 0, -1);
  let error = "";
  try {
    if (countsInSession(index)) client.session["last"] = 0;
    await client.bindUid(uidOf(index));
    await client.joinGroup(groupOf(index));
  } catch (cause) {
    error = String(cause);
  }
  return end(event, error);
}

function answer(
  event: ClientMessageEvent,
  cluster: Cluster,
): string | undefined | Promise<string | undefined> {
  const { name, number } = readMessage(event.text());
  const task = taskOf(name, number);
  const seen = lastSeen(event);
  begin(event, name, number, seen);
  if (seen >= 0) event.client.session["last"] = number;
  if (task.duration > 0 || task.tell !== "nobody" || usesCluster(task)) {
    return answerSlowly(event, cluster, task);
  }
  const text = answerText("r", name, number);
  end(event);
  if (task.answer === "return") return text;
  event.client.send(text);
  return undefined;
}

function usesCluster({ answer }: Task): boolean {
  return answer === "uid" || answer === "id";
}

async function answerSlowly(
  event: ClientMessageEvent,
  cluster: Cluster,
  task: Task,
): Promise<string | undefined> {
  let error = "";
  let result: string | undefined;
  try {
    if (task.duration > 0) {
      await new Promise((resolve) => setTimeout(resolve, task.duration));
    }
    await tellOthers(event, cluster, task);
    result = await sendAnswer(event, cluster, task);
  } catch (cause) {
    error = String(cause);
  }
  end(event, error);
  return result;
}

async function tellOthers(
  event: ClientMessageEvent,
  cluster: Cluster,
  { tell }: Task,
): Promise<void> {
  const { name, number } = readMessage(event.text());
  const index = indexOf(name);
  if (tell === "partner") {
    const text = answerText("p", name, number);
    await cluster.sendToUid(uidOf(partnerOf(index)), text);
  } else if (tell === "group") {
    await cluster.sendToGroup(groupOf(index), answerText("g", name, number));
  }
}

async function sendAnswer(
  event: ClientMessageEvent,
  cluster: Cluster,
  task: Task,
): Promise<string | undefined> {
  const { client } = event;
  const { name, number } = readMessage(event.text());
  const text = answerText("r", name, number);
  switch (task.answer) {
    case "return":
      return text;
    case "client":
      client.send(text);
      return undefined;
    case "uid":
      await cluster.sendToUid(uidOf(indexOf(name)), text);
      return undefined;
    case "id":
      await cluster.sendToClient(client.id, text);
      return undefined;
    default:
      return task.answer satisfies never;
  }
}

function lastSeen({ client }: ClientEvent): number {
  const last = client.session["last"];
  return typeof last === "number" ? last : -1;
}

function begin(
  event: ClientEvent,
  name: string,
  number: number,
  seen: number,
): void {
  const type: EventType = event.type;
  journal().append({
    kind: "begin",
    worker: Deno.pid,
    type,
    eventId: event.id,
    redelivered: event.redelivered,
    clientId: event.client.id,
    name,
    number,
    seen,
    ...(event.type === "close" ? { code: event.code } : {}),
  });
}

function end({ id, client }: ClientEvent, error = ""): undefined {
  const record = { kind: "end", worker: Deno.pid } as const;
  journal().append({ ...record, eventId: id, clientId: client.id, error });
}
