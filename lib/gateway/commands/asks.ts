import { NO_BYTES } from "../../base/no_bytes.ts";
import { concat } from "../../base/concat.ts";
import { addTo, removeFrom } from "../../base/set_index.ts";
import {
  type AskPart,
  decodeAskHead,
  decodeEndAsk,
  encodeAskPart,
  type MissingReason,
} from "../../wire/bodies/ask.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import { Letter, readTyped } from "../../wire/bodies/typed_frame.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { Interest } from "../../link/interest.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Call } from "./call.ts";
import type { FanOut } from "./fan_out.ts";
import { LATER } from "./queries.ts";

/** Questions of one link that are not answered at most. */
export const MAX_ASKS = 1_000;

/** Clients that one question goes to at most. */
export const MAX_ASKED = 10_000;

/** Bytes that a client may answer. */
export const MAX_ANSWER = 262_144;

/** Longest time that clients have to answer, in milliseconds. */
const MAX_TIMEOUT = 600_000;

/** Bytes that wait on a link above which answers of clients are not taken for it. */
const MAX_QUEUED = 16 * 1024 * 1024;

const encoder = new TextEncoder();

/** What {@linkcode Asks} work with. */
export interface AsksParts {
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Tells who asks nobody. */
  readonly interest: Interest;
}

/** Clients that do not answer. */
type Missing = Map<number, MissingReason>;

/** A question on its way. */
interface Ask {
  readonly id: string;
  readonly link: WorkerLink;
  readonly number: number;
  /** Who has not answered, and may. */
  readonly waiting: Set<Client>;
  /** Who will not, and why. */
  readonly missing: Missing;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Questions of workers and programs to clients, whose answers are collected here. */
export class Asks implements Disposable {
  readonly #parts: AsksParts;
  readonly #open = new Map<string, Ask>();
  readonly #byLink = new Map<WorkerLink, Set<Ask>>();
  readonly #byClient = new Map<Client, Set<Ask>>();
  /** Differs for every start, so that ids do. */
  readonly #prefix = `.${crypto.randomUUID().slice(0, 8)}-`;
  #lastId = 0;

  /** Creates the questions of one gateway: none. */
  constructor(parts: AsksParts) {
    this.#parts = parts;
  }

  /** Questions that are not answered. */
  get size(): number {
    return this.#open.size;
  }

  /**
   * A worker or a program asks clients: each that can be asked, once.
   *
   * @throws {RangeError} If it asks too many, or too much at a time.
   */
  ask(call: Call): typeof LATER {
    const { link, header, head, buffer, start, end } = call;
    const ofLink = this.#byLink.get(link);
    if ((ofLink?.size ?? 0) >= MAX_ASKS) {
      throw new RangeError(
        `Cannot ask clients as a link must have at most ${MAX_ASKS} questions open: it has as many`,
      );
    }
    const { timeout, ...target } = decodeAskHead(head);
    const { waiting, missing } = this.#split(call, target);
    const id = `${this.#prefix}${(++this.#lastId).toString(36)}`;
    const wait = Math.min(Math.max(timeout, 1), MAX_TIMEOUT);
    const ask: Ask = {
      id,
      link,
      number: header.number,
      waiting,
      missing,
      timer: setTimeout(() => this.#end(ask, "timeout"), wait),
    };
    this.#add(ask);
    const question = encoder.encode(`q${id} `);
    const payload = concat(question, buffer.subarray(start, end));
    this.#parts.fanOut.send(waiting, { payload, flags: Flag.Typed });
    if (waiting.size === 0) this.#finish(ask);
    return LATER;
  }

  /**
   * Whoever asked wants no further answers; returns whether some were still to come.
   */
  end({ link, head }: Call): boolean {
    const number = decodeEndAsk(head);
    for (const ask of this.#byLink.get(link) ?? []) {
      if (ask.number !== number) continue;
      this.#end(ask, "called-off");
      return true;
    }
    return false;
  }

  /** A client answers something. */
  onAnswer(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const { id, name, body } = readTyped(buffer, start, end);
    const ask = this.#open.get(id);
    if (ask === undefined || !ask.waiting.has(client)) return;
    this.#settle(ask, client);
    const { link } = ask.link;
    if (link.log.pendingBytes > MAX_QUEUED) {
      ask.missing.set(client.connectionId, "full");
    } else {
      const isLong = end - body > MAX_ANSWER;
      const code = isLong
        ? "too-large"
        : buffer[start] === Letter.Failure
        ? name || "failed"
        : undefined;
      const data = isLong ? NO_BYTES : buffer.slice(body, end);
      const binary = buffer[start] === Letter.BinaryReply && !isLong;
      const { connectionId } = client;
      this.#reply(ask, { client: connectionId, code, data, binary }, "more");
    }
    if (ask.waiting.size === 0) this.#finish(ask);
  }

  /** A client is gone: it answers nothing more. */
  onClientClosed(client: Client): void {
    for (const ask of [...this.#byClient.get(client) ?? []]) {
      this.#settle(ask, client);
      ask.missing.set(client.connectionId, "gone");
      if (ask.waiting.size === 0) this.#finish(ask);
    }
  }

  /** A link is gone: nobody waits for its answers any more. */
  forget(link: WorkerLink): void {
    for (const ask of [...this.#byLink.get(link) ?? []]) {
      this.#callOff(ask);
      this.#remove(ask);
    }
  }

  /** Asks nobody any more. */
  [Symbol.dispose](): void {
    for (const ask of [...this.#open.values()]) this.#remove(ask);
  }

  #split(call: Call, target: AskTarget): Pick<Ask, "waiting" | "missing"> {
    const waiting = new Set<Client>();
    const missing: Missing = new Map();
    let count = 0;
    for (const client of this.#clientsOf(call, target)) {
      if (++count > MAX_ASKED) {
        throw new RangeError(
          `Cannot ask clients as a question must go to at most ${MAX_ASKED} of one gateway: it goes to more`,
        );
      }
      if (typeof client === "number") missing.set(client, "gone");
      else if (client.connection?.codec.encodeTyped === undefined) {
        missing.set(client.connectionId, "plain");
      } else waiting.add(client);
    }
    return { waiting, missing };
  }

  /** Those who are meant, each once; the number of one that is not there. */
  *#clientsOf(
    { link }: Call,
    { connections, uids, groups }: AskTarget,
  ): Generator<Client | number> {
    const { table, interest } = this.#parts;
    if (connections !== undefined) {
      for (const id of new Set(connections)) yield table.get(id) ?? id;
      return;
    }
    if (uids === undefined && groups === undefined) return yield* table.all();
    const clients = new Set<Client>();
    for (const uid of uids ?? []) {
      const found = table.withUid(uid);
      if (found.size === 0) interest.absent(uidName(uid), link);
      for (const client of found) clients.add(client);
    }
    for (const group of groups ?? []) {
      const found = table.inGroup(group);
      if (found.size === 0) interest.absent(groupName(group), link);
      for (const client of found) clients.add(client);
    }
    yield* clients;
  }

  /** Whoever has not answered is not waited for any more. */
  #end(ask: Ask, reason: MissingReason): void {
    this.#callOff(ask);
    for (const { connectionId } of ask.waiting) {
      ask.missing.set(connectionId, reason);
    }
    this.#finish(ask);
  }

  /** Tells those who have not answered that nobody waits for it. */
  #callOff({ id, waiting }: Ask): void {
    const payload = encoder.encode(`k${id}`);
    this.#parts.fanOut.send(waiting, { payload, flags: Flag.Typed });
  }

  #finish(ask: Ask): void {
    // To send may close a client, which was the last to answer.
    if (!this.#open.has(ask.id)) return;
    this.#remove(ask);
    const missing = [...ask.missing.keys()];
    const reasons = [...ask.missing.values()];
    this.#reply(ask, { missing, reasons }, "last");
  }

  #reply(
    { link: { link }, number }: Ask,
    part: AskPart,
    which: "more" | "last",
  ): void {
    if (!link.isOpen) return;
    const flags = which === "more" ? Flag.More : 0;
    link.send(Command.Reply, 0, number, encodeAskPart(part), flags);
  }

  #add(ask: Ask): void {
    this.#open.set(ask.id, ask);
    addTo(this.#byLink, ask.link, ask);
    for (const client of ask.waiting) addTo(this.#byClient, client, ask);
  }

  #remove(ask: Ask): void {
    clearTimeout(ask.timer);
    this.#open.delete(ask.id);
    removeFrom(this.#byLink, ask.link, ask);
    for (const client of ask.waiting) removeFrom(this.#byClient, client, ask);
  }

  #settle(ask: Ask, client: Client): void {
    ask.waiting.delete(client);
    removeFrom(this.#byClient, client, ask);
  }
}

type AskTarget = Omit<ReturnType<typeof decodeAskHead>, "timeout">;
