import { addTo, removeFrom } from "../../base/set_index.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import type { Client } from "./client.ts";
import type { TableWatcher } from "./table_watcher.ts";

/** Largest first connection id: small enough for the id to stay a small integer. */
const MAX_FIRST_ID = 0x3fff_ffff;

/** Largest connection id; then they begin again at 1. */
const MAX_ID = 0xffff_ffff;

/** Options for {@linkcode ClientTable}. */
export interface ClientTableOptions {
  /**
   * The first connection id, 1 to 2^30 − 1. By default a random one, so that a
   * restarted gateway does not give old client ids to new clients.
   */
  readonly firstId?: number;
  /** Called when a client gets a uid or joins a group, with the name of it. */
  readonly onNamed?: (name: string) => void;
  /** Called when a client is bound to another uid. */
  readonly onUid?: (client: Client) => void;
  /** Called when a client is gone, or has moved. */
  readonly onDepart?: (client: Client) => void;
}

/** The clients of one gateway, their uids and groups. Pure memory: no I/O. */
export class ClientTable {
  readonly #clients = new Map<number, Client>();
  readonly #departed = new Map<number, Client>();
  readonly #uids = new Map<string, Set<Client>>();
  readonly #groups = new Map<string, Set<Client>>();
  readonly #logins = new WeakMap<Client, number>();
  readonly #replaced = new WeakSet<Client>();
  readonly #onNamed: ((name: string) => void) | undefined;
  readonly #onUid: ((client: Client) => void) | undefined;
  readonly #onDepart: ((client: Client) => void) | undefined;
  #lastId: number;
  /** Is told what changes; nobody wants to know by default. */
  watcher: TableWatcher | undefined;

  /** Creates the table of one gateway, without clients. */
  constructor(options: ClientTableOptions = {}) {
    const { firstId = 1 + Math.floor(Math.random() * MAX_FIRST_ID) } = options;
    this.#lastId = firstId - 1;
    this.#onNamed = options.onNamed;
    this.#onUid = options.onUid;
    this.#onDepart = options.onDepart;
  }

  /** Clients that are connected. */
  get size(): number {
    return this.#clients.size;
  }

  /** Clients that left and whose last events are not handled yet. */
  get departed(): number {
    return this.#departed.size;
  }

  /** Every connected client, in the order they came. */
  all(): IterableIterator<Client> {
    return this.#clients.values();
  }

  /** Every client that still has to do with a worker, those that left included. */
  *everybody(): Generator<Client> {
    yield* this.#clients.values();
    yield* this.#departed.values();
  }

  /** Returns a connection id that no client has. */
  nextId(): number {
    do {
      this.#lastId = this.#lastId >= MAX_ID ? 1 : this.#lastId + 1;
    } while (
      this.#clients.has(this.#lastId) || this.#departed.has(this.#lastId)
    );
    return this.#lastId;
  }

  /** Adds a client that can be sent to. */
  add(client: Client): void {
    this.#clients.set(client.connectionId, client);
  }

  /** Returns a connected client. */
  get(connectionId: number): Client | undefined {
    return this.#clients.get(connectionId);
  }

  /** Returns a client, even if it has left and its events are not handled yet. */
  find(connectionId: number): Client | undefined {
    return this.#clients.get(connectionId) ?? this.#departed.get(connectionId);
  }

  /**
   * Takes a client out of every index; it stays findable until it is forgotten. Its
   * uid stays readable, for the worker that is told of its end.
   */
  depart(client: Client): void {
    this.watcher?.onClient(client);
    if (client.uid !== undefined) removeFrom(this.#uids, client.uid, client);
    for (const group of client.groups ?? []) this.leaveGroup(client, group);
    this.#clients.delete(client.connectionId);
    this.#departed.set(client.connectionId, client);
    this.#onDepart?.(client);
  }

  /** Forgets a client that left, since all its events are handled. */
  forget(connectionId: number): void {
    this.#departed.delete(connectionId);
  }

  /** Binds a client to a uid, in place of any earlier one. */
  bindUid(client: Client, uid: string): void {
    if (client.uid === uid) return;
    this.unbindUid(client);
    client.changeState({ uid });
    addTo(this.#uids, uid, client);
    this.watcher?.onClient(client);
    this.#onNamed?.(uidName(uid));
    this.#onUid?.(client);
  }

  /** Removes whatever uid a client is bound to. */
  unbindUid(client: Client): void {
    if (client.uid === undefined) return;
    this.watcher?.onClient(client);
    removeFrom(this.#uids, client.uid, client);
    client.changeState({ uid: undefined });
  }

  /** Notes how late a client was bound to its uid, where only the last may stay. */
  setLogin(client: Client, login: number): void {
    this.#logins.set(client, login);
  }

  /** How late a client was bound to its uid; 0 if nobody cared. */
  loginOf(client: Client): number {
    return this.#logins.get(client) ?? 0;
  }

  /** Takes its uid from a client that a later login replaces: it gets none any more. */
  replace(client: Client): void {
    this.unbindUid(client);
    this.#replaced.add(client);
  }

  /** Whether a later login has replaced a client. */
  isReplaced(client: Client): boolean {
    return this.#replaced.has(client);
  }

  /** Puts a client in a group. */
  joinGroup(client: Client, group: string): void {
    client.groups ??= new Set();
    client.groups.add(group);
    addTo(this.#groups, group, client);
    this.watcher?.onGroup(client, group);
    this.#onNamed?.(groupName(group));
  }

  /** Takes a client out of a group; does nothing if it is not in it. */
  leaveGroup(client: Client, group: string): void {
    client.groups?.delete(group);
    removeFrom(this.#groups, group, client);
    this.watcher?.onGroup(client, group);
  }

  /** Takes all members out of a group; returns how many there were. */
  ungroup(group: string): number {
    const members = this.inGroup(group);
    this.#groups.delete(group);
    for (const client of members) {
      client.groups?.delete(group);
      this.watcher?.onGroup(client, group);
    }
    return members.size;
  }

  /** The clients bound to a uid. */
  withUid(uid: string): ReadonlySet<Client> {
    return this.#uids.get(uid) ?? NOBODY;
  }

  /** The members of a group. */
  inGroup(group: string): ReadonlySet<Client> {
    return this.#groups.get(group) ?? NOBODY;
  }

  /** The uids that any client is bound to. */
  uids(): IterableIterator<string> {
    return this.#uids.keys();
  }

  /** The groups that have members. */
  groups(): IterableIterator<string> {
    return this.#groups.keys();
  }
}

const NOBODY: ReadonlySet<Client> = new Set();
