import { Buffer } from "node:buffer";
import { hostOf } from "../../base/address.ts";
import { networkOf } from "../../base/ip_address.ts";
import { parseRange } from "../../base/ip_range.ts";
import { RefusalList } from "../../link/refusal_list.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import type { RefusalFigures } from "../../observe/limits_report.ts";
import type { Refusal } from "../../transport/connection.ts";
import type { LastingConnections } from "../../transport/lasting/lasting_connections.ts";
import { REFUSED } from "../../transport/lasting/reasons.ts";
import { hashOf } from "../../transport/lasting/token.ts";
import { isTokenHash, type RefusalEntry } from "../../wire/bodies/refusals.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";

const logger = roomLogger("gateway");

/**
 * Who may not come in: the cluster's list, as this gateway knows it. Whoever is refused is
 * closed with 4010 and its session ends; who comes is answered with 403, or is cut off
 * where there is no answer.
 */
export class Refused {
  readonly #table: ClientTable;
  readonly #log = new RateLimitedLog();
  /** Lengths of the refused ranges of addresses, so that each is looked up once. */
  readonly #lengths = new Set<number>();
  #closed = 0;
  #turnedAway = 0;
  /** What is refused. */
  readonly list: RefusalList = new RefusalList();
  /** The sessions that tokens belong to, where there are any. */
  lasting: LastingConnections | undefined;

  /** @param table Who is here. */
  constructor(table: ClientTable) {
    this.#table = table;
  }

  /** Whether anybody is refused: all else is asked only then. */
  get isEmpty(): boolean {
    return this.list.size === 0;
  }

  /** How many are refused, and what became of them. */
  get figures(): RefusalFigures {
    return {
      entries: this.list.size,
      closed: this.#closed,
      turnedAway: this.#turnedAway,
    };
  }

  /** Why nobody may come in from an address. */
  ofAddress(host: string): Refusal | undefined {
    const entry = this.#findAddress(host);
    return entry && this.#turnAway(entry);
  }

  /** Why nobody may come in with a uid. */
  ofUid(uid: string | undefined): Refusal | undefined {
    const entry = this.#findUid(uid);
    return entry && this.#turnAway(entry);
  }

  /** Why nobody may come in who is there and shows a token, or none. */
  whyNot(remoteAddress: string, token = ""): Refusal | undefined {
    if (this.isEmpty) return undefined;
    const entry = token === ""
      ? undefined
      : this.list.find("token", keptOf(token));
    if (entry !== undefined) return this.#turnAway(entry);
    // Not every way in was asked about by its address before.
    return this.ofAddress(hostOf(remoteAddress));
  }

  /** A client was bound to its uid, or has just come: it goes if it is refused. */
  look(client: Client): void {
    if (this.isEmpty) return;
    const found = this.#findUid(client.uid) ??
      this.#findAddress(hostOf(client.remoteAddress));
    if (found === undefined) return;
    this.#note(found);
    // One that comes from another gateway is told first that it has come.
    queueMicrotask(() => this.#close(client, found));
  }

  /**
   * Takes what somebody tells, and closes whom it concerns.
   *
   * @returns What was not known, and how many were closed.
   */
  take(entries: readonly RefusalEntry[]): {
    readonly fresh: RefusalEntry[];
    readonly closed: number;
  } {
    const fresh = this.list.take(entries);
    let closed = 0;
    for (const entry of fresh) {
      if (entry.kind === "address") this.#noteLength(entry.name);
      closed += this.#carryOut(entry);
    }
    return { fresh, closed };
  }

  #carryOut(entry: RefusalEntry): number {
    const { kind, name, reason, isAllowed } = entry;
    if (isAllowed) {
      logger.info("Allowed {kind} {name} again", { kind, name });
      return 0;
    }
    const until = new Date(entry.until).toISOString();
    const closed = this.#closeAll(entry);
    logger.info(
      "Refused {kind} {name} until {until} ({reason}): closed {closed} clients",
      { kind, name, until, reason, closed },
    );
    return closed;
  }

  #closeAll(entry: RefusalEntry): number {
    const clients = this.#clientsOf(entry);
    for (const client of clients) this.#close(client, entry);
    if (entry.kind !== "token") return clients.length;
    const hash = Buffer.from(entry.name, "hex").toString("binary");
    const session = this.lasting?.find(hash);
    session?.close({ ...REFUSED, reason: entry.reason });
    if (session !== undefined) this.#closed++;
    return session === undefined ? 0 : 1;
  }

  #clientsOf({ kind, name }: RefusalEntry): Client[] {
    if (kind === "uid") return [...this.#table.withUid(name)];
    if (kind === "token") return [];
    const { bits } = parseRange(name);
    return [...this.#table.all()].filter(({ remoteAddress }) =>
      networkOf(hostOf(remoteAddress), bits, bits) === name
    );
  }

  #close({ connection }: Client, { reason }: RefusalEntry): void {
    this.#closed++;
    connection?.close({ ...REFUSED, reason });
  }

  #findUid(uid: string | undefined): RefusalEntry | undefined {
    return uid === undefined ? undefined : this.list.find("uid", uid);
  }

  #findAddress(host: string): RefusalEntry | undefined {
    for (const bits of this.#lengths) {
      const network = networkOf(host, bits, bits);
      const entry = this.list.find("address", network);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  #noteLength(range: string): void {
    this.#lengths.add(parseRange(range).bits);
  }

  #turnAway(entry: RefusalEntry): Refusal {
    this.#turnedAway++;
    this.#note(entry);
    const { reason } = entry;
    return { status: 403, body: `403 refused${reason && `: ${reason}`}\n` };
  }

  #note({ kind, name }: RefusalEntry): void {
    this.#log.once(`${kind} ${name}`, (suppressed) => {
      logger.info(
        "Turned away a client, as {kind} {name} is refused ({suppressed} like this before)",
        { kind, name, suppressed },
      );
    });
  }
}

/** What is kept of a token; of what was taken from the list, the same. */
export function keptOf(token: string): string {
  return isTokenHash(token)
    ? token
    : Buffer.from(hashOf(token), "binary").toString("hex");
}
