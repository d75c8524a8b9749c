import {
  BlockKind,
  Phase,
  type PresenceBlock,
  type PresenceRow,
} from "../../wire/bodies/presence_rows.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import { NameCopy } from "./name_copy.ts";
import { clientsNamed } from "./presence_parts.ts";

/** What a user says of itself. */
export interface Said {
  /** As JSON; empty for nothing. */
  readonly text: string;
  /** Who says it. */
  readonly by: "client" | "program";
}

/** What this gateway has of a user. */
interface LocalUser {
  readonly tabs: number;
  readonly attached: number;
}

/** What a user says of itself, and whoever answers for the name may not know yet. */
interface NewState {
  readonly text: string;
  /** The edition that it follows. */
  readonly after: number;
  isSent: boolean;
}

/**
 * A name that a worker watches: what this gateway has of it, as it was last told, and a
 * copy of what that worker has told of all gateways.
 */
export class WatchedName {
  readonly #table: ClientTable;
  readonly #local = new Map<string, LocalUser>();
  readonly #states = new Map<string, NewState>();
  /** Clients of the users in `#local`. */
  #tabs = 0;
  #guests = 0;
  /** The group, behind `g`, or the uid, behind `u`. */
  readonly name: string;
  /** What the worker has told. */
  readonly copy: NameCopy = new NameCopy();
  /** The worker that is told what is here; `undefined` while that changes. */
  home: WorkerLink | undefined;
  /** Who was told before, and may still tell handlers of it. */
  formerHome: WorkerLink | undefined;

  /**
   * @param name The name.
   * @param table The gateway's clients.
   */
  constructor(name: string, table: ClientTable) {
    this.name = name;
    this.#table = table;
  }

  /** Whether nobody is here, or anywhere. */
  get isEmpty(): boolean {
    return this.#local.size === 0 && this.#guests === 0 && this.copy.isEmpty;
  }

  /** Clients here that are of this name. */
  get clients(): ReadonlySet<Client> {
    return clientsNamed(this.#table, this.name);
  }

  /** A user here says something of itself; an empty text takes it back. */
  setState(uid: string, text: string): void {
    const after = this.copy.row(uid)?.edition ?? 0;
    this.#states.set(uid, { text, after, isSent: false });
  }

  /**
   * Counts again what is here of some users.
   *
   * @returns What has changed; `undefined` if nothing has.
   */
  reckon(uids: Iterable<string>): PresenceBlock | undefined {
    const rows: PresenceRow[] = [];
    for (const uid of uids) {
      const row = this.#reckonUser(uid);
      if (row !== undefined) rows.push(row);
    }
    const guests = this.clients.size - this.#tabs;
    const isChanged = guests !== this.#guests;
    this.#guests = guests;
    if (rows.length === 0 && !isChanged) return undefined;
    return this.#block(BlockKind.Difference, rows);
  }

  /** Hears what the worker says that answers for it; returns whose part can be seen to be another. */
  hear(block: PresenceBlock): string[] {
    const changed = this.copy.take(block);
    if (this.#states.size === 0) return changed;
    for (const { uid, edition } of block.rows) {
      const state = this.#states.get(uid);
      if (state !== undefined && edition > state.after) {
        this.#states.delete(uid);
      }
    }
    return changed;
  }

  /** All that is here, and all that was told, in blocks of so many rows. */
  *whole(size: number): Generator<PresenceBlock> {
    let rows: PresenceRow[] = [];
    let first: number = BlockKind.First;
    for (const uid of new Set([...this.#local.keys(), ...this.copy.uids()])) {
      if (rows.length === size) {
        yield this.#block(BlockKind.Part | first, rows);
        rows = [];
        first = 0;
      }
      rows.push(this.#wholeRow(uid));
    }
    yield this.#block(BlockKind.Part | first | BlockKind.Last, rows);
  }

  #reckonUser(uid: string): PresenceRow | undefined {
    const { tabs: oldTabs, attached: oldAttached } = this.#local.get(uid) ??
      NOTHING;
    const { tabs, attached } = this.#count(uid);
    const state = this.#states.get(uid);
    const isNews = state !== undefined && !state.isSent;
    if (tabs === oldTabs && attached === oldAttached && !isNews) {
      return undefined;
    }
    this.#tabs += tabs - oldTabs;
    if (tabs > 0) this.#local.set(uid, { tabs, attached });
    else {
      this.#local.delete(uid);
      this.#states.delete(uid);
    }
    if (isNews) state.isSent = true;
    return {
      uid,
      tabs,
      attached,
      phase: Phase.Untold,
      turn: 0,
      state: isNews && tabs > 0 ? state.text : undefined,
      edition: 0,
      hasLeft: tabs === 0 && this.#isElsewhereHere(uid),
    };
  }

  /** Whether a user whose tabs are gone from a group is still here: then it was taken out. */
  #isElsewhereHere(uid: string): boolean {
    return this.name.startsWith("g") && this.#table.withUid(uid).size > 0;
  }

  #count(uid: string): LocalUser {
    let tabs = 0;
    let attached = 0;
    const isOfGroup = this.name.startsWith("g");
    const rest = this.name.slice(1);
    if (!isOfGroup && rest !== uid) return NOTHING;
    for (const { groups, isAway } of this.#table.withUid(uid)) {
      if (isOfGroup && !groups?.has(rest)) continue;
      tabs++;
      if (!isAway) attached++;
    }
    return { tabs, attached };
  }

  #wholeRow(uid: string): PresenceRow {
    const told = this.copy.row(uid);
    const { tabs, attached } = this.#local.get(uid) ?? NOTHING;
    const news = this.#states.get(uid);
    if (news !== undefined) news.isSent = true;
    const edition = told?.edition ?? 0;
    return {
      uid,
      tabs,
      attached,
      phase: told?.phase ?? Phase.Untold,
      turn: told?.turn ?? 0,
      state: news?.text ?? told?.state ?? "",
      edition: news === undefined ? edition : edition + 1,
      hasLeft: false,
    };
  }

  #block(kind: number, rows: readonly PresenceRow[]): PresenceBlock {
    const { epoch, count } = this.copy;
    return { name: this.name, kind, epoch, count, guests: this.#guests, rows };
  }
}

const NOTHING: LocalUser = { tabs: 0, attached: 0 };
