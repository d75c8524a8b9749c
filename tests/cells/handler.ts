/**
 * The handler of clients that tell it what to do: a line of JSON in, and, when it is done,
 * its answer.
 *
 * @module
 */
import type { Cluster, HandlerEvent } from "../../mod.ts";

/** What a client wants. */
export interface Order {
  /** Stands in the answer. */
  readonly id: number;
  /** What. */
  readonly what:
    | "bind"
    | "join"
    | "leave"
    | "toUid"
    | "toGroup"
    | "toAll"
    | "joinMany"
    | "toMany"
    | "toManyUids"
    | "closeUid"
    | "isOnline"
    | "count";
  /** A uid or a group; empty for everybody; where many are meant, how all of them begin. */
  readonly name: string;
  /** How many are meant, numbered from the first. */
  readonly many?: { readonly first: number; readonly count: number };
  /** What is sent; several are sent in one breath. */
  readonly texts?: readonly string[];
  /** Whether to wait for all cells. */
  readonly confirm?: boolean;
}

/** What is answered. */
export interface Done {
  /** The order's. */
  readonly id: number;
  /** What came of it. */
  readonly answer: unknown;
  /** What went wrong. */
  readonly error?: string;
  /** Who did not answer. */
  readonly silent?: readonly string[];
}

/** Does what clients say. */
export default async function handle(
  event: HandlerEvent,
  cluster: Cluster,
): Promise<string | undefined> {
  if (event.type !== "message") return undefined;
  const order: Order = JSON.parse(event.text());
  const { id } = order;
  const done: Done = await carryOut(order, event.client, cluster).then(
    (answer) => ({ id, answer: answer ?? null }),
    (error) => ({
      id,
      answer: error.partial ?? null,
      error: `${error.name}: ${error.message}`,
      silent: error.gateways,
    }),
  );
  return JSON.stringify(done);
}

type Client = Extract<HandlerEvent, { type: "message" }>["client"];

async function carryOut(
  { what, name, texts = [], confirm = false, many }: Order,
  client: Client,
  cluster: Cluster,
): Promise<unknown> {
  const options = { confirm };
  switch (what) {
    case "bind":
      return await client.bindUid(name);
    case "join":
      return await client.joinGroup(name);
    case "leave":
      return await client.leaveGroup(name);
    case "toUid":
      return await last(
        texts.map((text) => cluster.sendToUid(name, text, options)),
      );
    case "toGroup":
      return await last(
        texts.map((text) => cluster.sendToGroup(name, text, options)),
      );
    case "toAll":
      return await last(
        texts.map((text) =>
          cluster.sendToAll(text, { ...options, cells: "all" })
        ),
      );
    case "joinMany":
      return await last(
        namesOf(name, many).map((each) => client.joinGroup(each)),
      );
    case "toMany":
      return await last(
        namesOf(name, many).map((each) =>
          cluster.sendToGroup(each, texts[0] ?? "")
        ),
      );
    case "toManyUids":
      return await last(
        namesOf(name, many).map((each) =>
          cluster.sendToUid(each, texts[0] ?? "")
        ),
      );
    case "closeUid":
      return await cluster.closeUid(name, undefined, { code: 4_100 });
    case "isOnline":
      return await cluster.isUidOnline(name, { cells: "all" });
    case "count":
      return await cluster.getClientIdCountByGroup(name, { cells: "all" });
    default:
      return what satisfies never;
  }
}

function namesOf(name: string, many: Order["many"]): string[] {
  const { first = 0, count = 0 } = many ?? {};
  return Array.from({ length: count }, (_, i) => `${name}${first + i}`);
}

async function last<Value>(
  promises: readonly Promise<Value>[],
): Promise<Value | undefined> {
  return (await Promise.all(promises)).at(-1);
}
