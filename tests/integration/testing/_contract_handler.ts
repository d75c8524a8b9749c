/**
 * A handler that does whatever its clients say, and what it is told in words: the same
 * words from a real cluster and from one in memory.
 *
 * @module
 */
import type {
  Cluster,
  Handler,
  HandlerClient,
  HandlerEvent,
} from "../../../mod.ts";

/** What the handler was told, by what clients call themselves; the worker's own is `""`. */
export class Transcript {
  readonly #lines = new Map<string, string[]>();
  readonly #names = new Map<string, string>();

  /** Notes a line. */
  add(name: string, line: string): void {
    const lines = this.#lines.get(name) ?? [];
    lines.push(line);
    this.#lines.set(name, lines);
  }

  /** A client says what it is called. */
  meet(id: string, name: string): void {
    this.#names.set(id, name);
  }

  /** What a client is called. */
  nameOf(id: string): string {
    return this.#names.get(id) ?? "nobody";
  }

  /** The id of whoever is called so; of nobody, one that is well-formed. */
  idOf(name: string): string {
    for (const [id, each] of this.#names) if (each === name) return id;
    return "7f00000107d0ffffffff";
  }

  /** All lines. */
  get lines(): Record<string, string[]> {
    return Object.fromEntries([...this.#lines].sort());
  }
}

/** Makes the handler. */
export function contractHandler(transcript: Transcript): Handler {
  return async (event, cluster) => {
    if (!("client" in event)) {
      transcript.add("", event.type);
      if (event.type !== "start") return;
      const [error = ""] = (await nameOfThrown(() => cluster.getAllUidList()))
        .split(":");
      return transcript.add("", error);
    }
    const { client } = event;
    if (event.type === "connect") {
      const name = event.request?.query.get("name") ?? "without request";
      transcript.meet(client.id, name);
    }
    const name = transcript.nameOf(client.id);
    transcript.add(name, describe(event));
    if (event.type === "connect") return `welcome ${name}`;
    if (event.type !== "message") return;
    if (event.binary) return event.bytes().reverse();
    const [verb = "", ...words] = event.text().split(" ");
    const act = ACTS[verb];
    if (act === undefined) return `echo ${event.text()}`;
    return await act({ client, cluster, words, transcript });
  };
}

/** Everything about an event but ids and times, which differ. */
function describe(event: HandlerEvent): string {
  if (!("client" in event)) return event.type;
  const { client } = event;
  const about: Record<string, unknown> = {
    type: event.type,
    uid: client.uid,
    session: show(client.session),
    listener: client.listener,
    ip: client.remoteAddress.split(":")[0],
  };
  if ("redelivered" in event) {
    about["number"] = event.id.split("-")[1];
    about["redelivered"] = event.redelivered;
  }
  if (event.type === "connect" && event.request !== undefined) {
    const { path, query, headers, cookies } = event.request;
    about["request"] = [path, `${query}`, headers.get("x-from"), cookies["a"]];
  }
  if (event.type === "message") about["text"] = event.text();
  if (event.type === "close") about["end"] = `${event.code} ${event.reason}`;
  return JSON.stringify(about);
}

/** Says a value with its types. */
function show(value: unknown): string {
  return Deno.inspect(value, { depth: 9, sorted: true, breakLength: Infinity });
}

async function nameOfThrown(act: () => unknown): Promise<string> {
  try {
    return show(await act());
  } catch (error) {
    return error instanceof Error
      ? `${error.name}: ${error.message.replaceAll(/[0-9a-f]{20}/g, "ID")}`
      : String(error);
  }
}

interface Order {
  readonly client: HandlerClient;
  readonly cluster: Cluster;
  readonly words: readonly string[];
  readonly transcript: Transcript;
}

type Act = (order: Order) => ReturnType<Handler>;

const bytes = (text: string) => new TextEncoder().encode(text);

const ACTS: Record<string, Act> = {
  bytes: () => Uint8Array.of(1, 2, 3),
  empty: () => "",
  yes: () => true,
  wait: async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return "waited";
  },
  throw: ({ client }) => {
    client.session["thrown"] = true;
    throw new RangeError("told to");
  },
  reject: async () => {
    await Promise.resolve();
    throw new RangeError("told to, later");
  },
  send: ({ client, words: [one = "", two = ""] }) => {
    client.send(one);
    client.send(bytes(two));
    return "and returned";
  },
  session: ({ client }) => {
    client.session["count"] = Number(client.session["count"] ?? 0) + 1;
    client.session["deep"] = {
      list: [1, "a", null],
      when: new Date(5),
      bytes: Uint8Array.of(7),
      map: new Map([["k", 1n]]),
    };
    delete client.session["thrown"];
  },
  replace: ({ client }) => {
    client.session = { only: "this" };
  },
  wrong: ({ client }) => {
    client.session["wrong"] = () => {};
    client.session["right"] = 1;
  },
  bind: async ({ client, words: [uid = ""] }) =>
    `${await client.bindUid(uid)} ${client.uid}`,
  alone: async ({ client, words: [uid = ""] }) =>
    `${await client.bindUid(uid, { exclusive: true })} ${client.uid}`,
  unbind: async ({ client }) => `${await client.unbindUid()} ${client.uid}`,
  join: ({ client, words: [group = ""] }) => client.joinGroup(group),
  leave: ({ client, words: [group = ""] }) => client.leaveGroup(group),
  group: async ({ client, cluster, words: [group = "", ...rest] }) => {
    await cluster.sendToGroup(group, rest.join(" "), [client.id]);
  },
  groups: async ({ cluster, words }) => {
    await cluster.sendToGroup(words, bytes("to groups"));
  },
  uid: async ({ cluster, words: [uid = "", ...rest] }) =>
    show(await cluster.sendToUid(uid, rest.join(" "), { confirm: true })),
  all: async ({ cluster, words }) => {
    await cluster.sendToAll(words.join(" "));
  },
  latest: async ({ cluster }) => {
    const options = { policy: "latest", key: "place" } as const;
    for (const text of ["one", "two"]) await cluster.sendToAll(text, options);
  },
  to: async ({ cluster, words: [name = "", ...rest], transcript }) => {
    const id = transcript.idOf(name);
    const options = { confirm: true };
    return show(await cluster.sendToClient(id, rest.join(" "), options));
  },
  ask: async ({ cluster, words: [group = "", name = ""], transcript }) => {
    const id = transcript.idOf(name);
    const names = (ids: string[]) => ids.map((each) => transcript.nameOf(each));
    return show([
      await cluster.getClientIdCountByGroup(group),
      names(await cluster.getClientIdListByGroup(group)).sort(),
      (await cluster.getUidListByGroup(group)).sort(),
      (await cluster.getAllGroupIdList()).sort(),
      await cluster.getAllClientIdCount(),
      (await cluster.getAllUidList()).sort(),
      await cluster.isOnline(id),
      await cluster.getUidByClientId(id),
      await cluster.getGroupsByClientId(id),
      await cluster.getSession(id),
    ]);
  },
  update: async ({ cluster, words: [name = ""], transcript }) =>
    `${await cluster.updateSession(transcript.idOf(name), {
      deep: { more: true },
    })}`,
  set: async ({ cluster, words: [name = ""], transcript }) =>
    `${await cluster.setSession(transcript.idOf(name), { set: 1 })}`,
  ungroup: async ({ cluster, words: [group = ""] }) =>
    `${await cluster.ungroup(group)}`,
  mistakes: async ({ client, cluster }) =>
    (await Promise.all([
      nameOfThrown(() => cluster.sendToGroup("", "x")),
      nameOfThrown(() => cluster.sendToClient("nobody", "x")),
      nameOfThrown(() => client.send(1 as unknown as string)),
      nameOfThrown(() => client.joinGroup("")),
      nameOfThrown(() => client.close("x", { code: 1 })),
    ])).join("; "),
  close: async ({ client, words: [code = "1000", reason = ""] }) => {
    client.send("before");
    await client.close("bye", { code: Number(code), reason });
    client.send("behind");
    return "and returned";
  },
  kick: async ({ cluster, words: [uid = ""] }) =>
    `${await cluster.closeUid(uid, "go", { code: 4200, reason: "kicked" })}`,
  destroy: async ({ client }) => `${await client.destroy()}`,
};
