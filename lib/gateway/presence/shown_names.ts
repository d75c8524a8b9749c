import { Pulse } from "../../base/pulse.ts";
import { isObject } from "../../base/is_object.ts";
import { MAX_STATE } from "../../wire/bodies/presence.ts";
import { NO_ANSWER_ID, readTyped } from "../../wire/bodies/typed_frame.ts";
import { failureText, readJson } from "../../wire/bodies/typed_text.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import type { Client } from "../clients/client.ts";
import type { Presence } from "./presence.ts";
import type { PresenceViewer } from "./presence_parts.ts";
import { ShownName } from "./shown_name.ts";

/** What requests and events about presence are called. */
const NAME = "gw.presence";

/** Milliseconds between two differences of a name. */
const SHOW_INTERVAL = 100;

/** Names that one client may look at. */
const MAX_NAMES = 64;

const encoder = new TextEncoder();

/** What clients ask of presence. */
interface Question {
  /** Of which name; of all if absent, which is for states only. */
  readonly name: string | undefined;
  /** Whether it looks no more. */
  readonly isEnd: boolean;
  /** What its user says of itself, as JSON; absent if it does not. */
  readonly state: string | undefined;
  /** What it has seen. */
  readonly version: unknown;
}

/** Shows clients that speak `gatewayworker.v1` who is where, if workers let them see it. */
export class ShownNames implements PresenceViewer {
  readonly #presence: Presence;
  readonly #sendAll: (clients: Iterable<Client>, frame: Uint8Array) => void;
  readonly #names = new Map<string, ShownName>();
  readonly #byClient = new Map<Client, Set<ShownName>>();
  readonly #dirty = new Set<ShownName>();
  readonly #pulse = new Pulse(() => this.#show(), SHOW_INTERVAL);

  /**
   * @param presence Who is where.
   * @param sendAll Sends a typed frame to clients.
   */
  constructor(
    presence: Presence,
    sendAll: (clients: Iterable<Client>, frame: Uint8Array) => void,
  ) {
    this.#presence = presence;
    this.#sendAll = sendAll;
    presence.viewer = this;
  }

  /** Clients that look at something, counted in each name. */
  get watchers(): number {
    let sum = 0;
    for (const { clients } of this.#names.values()) sum += clients.size;
    return sum;
  }

  /** A request came; returns whether it was one of presence, and is answered. */
  take(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    if (!this.#presence.isShown) return false;
    const { id, name, body } = readTyped(buffer, start, end);
    if (name !== NAME) return false;
    const question = readQuestion(buffer.subarray(body, end));
    if (question === undefined) return this.#fail(client, id, "bad");
    const may = this.#presence.clientsMay(question.name);
    if (may === "none") return false;
    if (question.state !== undefined) {
      const said = { text: question.state, by: "client" } as const;
      const isDone = may === "set" &&
        this.#presence.setState(client, said, question.name);
      return isDone
        ? this.#answer(client, id, "true")
        : this.#fail(client, id, "refused");
    }
    return this.#look(client, id, question);
  }

  /** Workers watch other names: what they do not let clients see is shown no more. */
  review(): void {
    for (const shown of this.#names.values()) {
      if (this.#presence.clientsMay(shown.name) !== "none") continue;
      this.#end(shown, [...shown.clients]);
    }
  }

  /** A client is gone: it looks at nothing, also where nobody has seen it come. */
  forget(client: Client): void {
    for (const shown of this.#byClient.get(client) ?? []) {
      this.#remove(shown, client);
    }
  }

  /** Shows nothing any more. */
  [Symbol.dispose](): void {
    this.#pulse[Symbol.dispose]();
  }

  #look(
    client: Client,
    id: string,
    { name = "", isEnd, version }: Question,
  ): boolean {
    const shown = this.#names.get(name) ?? new ShownName(name);
    if (isEnd) {
      this.#remove(shown, client);
      return this.#answer(client, id, "true");
    }
    if (!shown.isFor(client)) return this.#fail(client, id, "refused");
    const names = this.#byClient.get(client) ?? new Set();
    const isKnown = names.has(shown);
    if (!isKnown && names.size >= MAX_NAMES) {
      return this.#fail(client, id, "too-many");
    }
    this.#names.set(name, shown);
    this.#byClient.set(client, names.add(shown));
    shown.clients.add(client);
    const copy = this.#presence.find(name)?.copy;
    const seen = isKnown ? version : undefined;
    return this.#answer(client, id, shown.snapshot(copy, seen));
  }

  /** Users of a name have changed. */
  note(name: string, uids: readonly string[]): void {
    const shown = this.#names.get(name);
    if (shown === undefined) return;
    shown.note(uids);
    this.#dirty.add(shown);
    this.#pulse.ask();
  }

  #show(): void {
    for (const shown of this.#dirty) {
      const others = [...shown.clients].filter((each) => !shown.isFor(each));
      if (others.length > 0) this.#end(shown, others);
      const text = shown.takeChanges(this.#presence.find(shown.name)?.copy);
      if (text !== undefined) this.#sendAll(shown.clients, eventFrame(text));
    }
    this.#dirty.clear();
  }

  #end(shown: ShownName, clients: readonly Client[]): void {
    this.#sendAll(clients, eventFrame(shown.over));
    for (const client of clients) this.#remove(shown, client);
  }

  #remove(shown: ShownName, client: Client): void {
    shown.clients.delete(client);
    if (shown.clients.size === 0) this.#names.delete(shown.name);
    const names = this.#byClient.get(client);
    names?.delete(shown);
    if (names?.size === 0) this.#byClient.delete(client);
  }

  #answer(client: Client, id: string, text: string): true {
    if (id !== NO_ANSWER_ID) this.#send(client, `r${id}\n${text}`);
    return true;
  }

  #fail(client: Client, id: string, code: string): true {
    if (id !== NO_ANSWER_ID) this.#send(client, failureText(id, code));
    return true;
  }

  #send({ connection }: Client, text: string): void {
    const frame = connection?.codec.encodeTyped?.(encoder.encode(text));
    if (frame !== undefined) connection?.sendEncoded(frame);
  }
}

function eventFrame(text: string): Uint8Array {
  return encoder.encode(`q${NO_ANSWER_ID} ${NAME}\n${text}`);
}

function readQuestion(bytes: Uint8Array): Question | undefined {
  const data = parse(bytes);
  if (!isObject(data)) return undefined;
  const { group, uid, end, state, v: version } = data;
  const isEnd = end === true;
  const name = typeof group === "string" && group !== ""
    ? groupName(group)
    : typeof uid === "string" && uid !== ""
    ? uidName(uid)
    : undefined;
  const text = state === undefined ? undefined : stateText(state);
  if (text === "bad" || name === undefined && text === undefined) {
    return undefined;
  }
  return { name, isEnd, state: text, version };
}

/** A state as JSON, empty for none; `bad` if it is none. */
function stateText(state: unknown): string {
  if (state === null) return "";
  if (!isObject(state)) return "bad";
  const text = textOf(state);
  const isShort = text !== undefined &&
    encoder.encode(text).length <= MAX_STATE;
  return isShort ? text : "bad";
}

/** What was read may lie too deep to be written: some is read in a loop, and written by recursion. */
function textOf(state: object): string | undefined {
  try {
    return JSON.stringify(state);
  } catch {
    return undefined;
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return readJson(bytes);
  } catch {
    return undefined;
  }
}
