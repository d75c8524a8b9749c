import { now } from "../../base/clock.ts";
import { Pulse } from "../../base/pulse.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import {
  decodeBlocks,
  encodeBlocks,
  inFrames,
  type PresenceBlock,
} from "../../wire/bodies/presence_rows.ts";
import {
  type ClientsMay,
  decodeView,
  decodeWatch,
  encodeView,
  type PresenceWatch,
} from "../../wire/bodies/presence_view.ts";
import { Command } from "../../wire/command.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { TableWatcher } from "../clients/table_watcher.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import { Answerers } from "./answerers.ts";
import type { PresenceViewer } from "./presence_parts.ts";
import { type Said, WatchedName } from "./watched_name.ts";

/** Milliseconds between two times at which workers are told what has changed. */
const TELL_INTERVAL = 5;

/** Milliseconds that a worker has to let go of names that are another one's now. */
const RELEASE_TIMEOUT = 500;

/** Milliseconds after which names are forgotten that no worker answers for. */
const PATIENCE = 60_000;

/** Most rows of a frame. */
const MAX_ROWS = 2_000;

/** What became of presence at one gateway. */
export interface GatewayPresenceFigures {
  /** Names that workers watch and somebody is in. */
  readonly names: number;
  /** Users that are there, counted in each name, those of other gateways included. */
  readonly users: number;
  /** Clients that are shown who is there, counted in each name. */
  readonly watchers: number;
  /** Changes told to workers since the start. */
  readonly changes: number;
}

/** How soon workers are told. */
export interface PresenceTempo {
  /** 0: at once; otherwise changes wait a few milliseconds for others. */
  readonly gatherWithin?: number;
}

/**
 * A gateway's part in presence: tells the workers that watch names who is here, and
 * remembers what they have told. Without such a worker, it is nothing.
 */
export class Presence implements TableWatcher, Disposable {
  readonly #table: ClientTable;
  readonly #watches = new Map<WorkerLink, PresenceWatch>();
  readonly #names = new Map<string, WatchedName>();
  /** Users to be counted again, by name. */
  readonly #dirty = new Map<string, Set<string>>();
  /** What clients said of themselves, for groups that they join later. */
  readonly #states = new WeakMap<Client, Said>();
  readonly #pulse: Pulse;
  readonly #answerers = new Answerers();
  #moving: ReturnType<typeof setTimeout> | undefined;
  /** Since when no worker answers for some names. */
  #lonelySince: number | undefined;
  #changes = 0;
  /** Whether any worker lets clients see what it watches. */
  isShown = false;
  /** Shows clients what they may see. */
  viewer: PresenceViewer | undefined;

  /**
   * @param table The gateway's clients.
   * @param options Whether changes wait for others.
   */
  constructor(table: ClientTable, options: PresenceTempo = {}) {
    this.#table = table;
    const interval = options.gatherWithin === 0 ? 0 : TELL_INTERVAL;
    this.#pulse = new Pulse(() => this.#tell(), interval);
  }

  /** Whether all that happened was told. */
  get isIdle(): boolean {
    return !this.#pulse.isAsked && !this.#answerers.isMoving;
  }

  /** What became of it. */
  get figures(): GatewayPresenceFigures {
    let users = 0;
    for (const { copy } of this.#names.values()) users += copy.users;
    return {
      names: this.#names.size,
      users,
      watchers: this.viewer?.watchers ?? 0,
      changes: this.#changes,
    };
  }

  /** What is known of a name, if a worker watches it and has told all of it. */
  find(name: string): WatchedName | undefined {
    const found = this.#names.get(name);
    return found?.copy.isWhole ? found : undefined;
  }

  /** What clients may do with a name, or, without one, with any. */
  clientsMay(name: string | undefined): ClientsMay {
    let most: ClientsMay = "none";
    for (const watch of this.#watches.values()) {
      if (name !== undefined && !matches(watch, name)) continue;
      if (watch.clients === "set") return "set";
      if (watch.clients === "see") most = "see";
    }
    return most;
  }

  /** A worker says which names it watches. */
  watch(link: WorkerLink, payload: Uint8Array): void {
    this.#watches.set(link, decodeWatch(payload));
    this.#table.watcher = this;
    this.#findNames();
    this.#changeView();
  }

  /** A worker tells who is there. */
  hear(link: WorkerLink, payload: Uint8Array): void {
    for (const block of decodeBlocks(payload)) this.#hearBlock(link, block);
  }

  /** A worker has let go of what a view gave to others. */
  release(link: WorkerLink, payload: Uint8Array): void {
    this.#answerers.release(link, decodeView(payload).view);
    this.#goOn();
  }

  /** A worker takes nothing new: others get its names. */
  onDraining(link: WorkerLink): void {
    if (this.#watches.has(link)) this.#changeView();
  }

  /** A link is gone. */
  forget(link: WorkerLink): void {
    if (this.#watches.delete(link)) this.#changeView();
  }

  /**
   * A user says something of itself; returns whether anybody watches.
   *
   * @param said What, and who says it: a client does so where workers let clients.
   * @param name Of which name; of all if left out.
   */
  setState(client: Client, said: Said, name?: string): boolean {
    const { uid } = client;
    if (uid === undefined || this.#watches.size === 0) return false;
    if (name === undefined) this.#states.set(client, said);
    const names = name === undefined ? this.#namesOf(client) : [name];
    let isWatched = name === undefined;
    for (const each of names) {
      if (!this.#isHeard(each, said) || !this.#has(each, client)) continue;
      isWatched = true;
      this.#nameOf(each).setState(uid, said.text);
      this.#mark(each, uid);
    }
    return isWatched;
  }

  onGroup(client: Client, group: string): void {
    this.#mark(groupName(group), client.uid);
    const said = this.#states.get(client);
    const { uid } = client;
    if (said === undefined || uid === undefined) return;
    const name = groupName(group);
    if (client.groups?.has(group) && this.#isHeard(name, said)) {
      this.#nameOf(name).setState(uid, said.text);
    }
  }

  onClient(client: Client): void {
    if (client.connection === undefined) this.viewer?.forget(client);
    for (const name of this.#namesOf(client)) this.#mark(name, client.uid);
  }

  /** Forgets what no worker has answered for in a while. To be called once a second. */
  sweep(): void {
    if (this.#lonelySince === undefined) return;
    if (now() - this.#lonelySince < PATIENCE) return;
    this.#lonelySince = undefined;
    for (const { name, home } of this.#names.values()) {
      if (home === undefined) this.#names.delete(name);
    }
    if (this.#watches.size === 0) {
      this.#dirty.clear();
      this.#table.watcher = undefined;
    }
    this.viewer?.review();
  }

  /** Tells nobody anything any more. */
  [Symbol.dispose](): void {
    this.#pulse[Symbol.dispose]();
    clearTimeout(this.#moving);
    this.viewer?.[Symbol.dispose]();
  }

  *#namesOf({ uid, groups }: Client): Generator<string> {
    if (uid !== undefined) yield uidName(uid);
    for (const group of groups ?? []) yield groupName(group);
  }

  #has(name: string, client: Client): boolean {
    return this.#namesOf(client).some((each) => each === name);
  }

  #isWatched(name: string): boolean {
    return this.#names.has(name) || this.#answerers.of(name) !== undefined;
  }

  #isHeard(name: string, { by }: Said): boolean {
    return this.#isWatched(name) &&
      (by === "program" || this.clientsMay(name) === "set");
  }

  #nameOf(name: string): WatchedName {
    let watched = this.#names.get(name);
    if (watched === undefined) {
      watched = new WatchedName(name, this.#table);
      const answerers = this.#answerers;
      if (!answerers.moves(name)) watched.home = answerers.of(name);
      this.#names.set(name, watched);
    }
    return watched;
  }

  /** Hot where names are watched: a user of a name is to be counted again. */
  #mark(name: string, uid: string | undefined): void {
    const marked = this.#dirty.get(name);
    if (marked !== undefined) {
      if (uid !== undefined) marked.add(uid);
      return;
    }
    if (!this.#isWatched(name)) return;
    this.#dirty.set(name, new Set(uid === undefined ? [] : [uid]));
    this.#pulse.ask();
  }

  /** Somebody watches more: who is here already counts. */
  #findNames(): void {
    for (const client of this.#table.all()) this.#watchClient(client);
  }

  #watchClient(client: Client): void {
    for (const name of this.#namesOf(client)) {
      const isWatched = this.#names.has(name) ||
        this.#watches.values().some((watch) => matches(watch, name));
      if (!isWatched) continue;
      const marked = this.#dirty.get(name) ?? new Set();
      if (client.uid !== undefined) marked.add(client.uid);
      this.#dirty.set(name, marked);
    }
    this.#pulse.ask();
  }

  /** Tells workers what has changed here. */
  #tell(): void {
    const byHome = new Map<WorkerLink, PresenceBlock[]>();
    for (const [name, uids] of this.#dirty) {
      const watched = this.#nameOf(name);
      const block = watched.reckon(uids);
      if (watched.isEmpty) this.#names.delete(name);
      const { home } = watched;
      if (block === undefined || !home?.link.isOpen) continue;
      this.#changes += block.rows.length;
      const blocks = byHome.get(home) ?? [];
      byHome.set(home, blocks);
      blocks.push(block);
    }
    this.#dirty.clear();
    for (const [{ link }, blocks] of byHome) {
      for (const some of inFrames(blocks, MAX_ROWS)) {
        link.send(Command.PresenceRows, 0, 0, encodeBlocks(some));
      }
    }
  }

  #hearBlock(link: WorkerLink, block: PresenceBlock): void {
    if (!this.#answersFor(link, block.name)) return;
    const watched = this.#nameOf(block.name);
    if (watched.home === undefined) watched.formerHome = link;
    const { guests } = watched.copy;
    const changed = watched.hear(block);
    if (changed.length > 0 || watched.copy.guests !== guests) {
      this.viewer?.note(block.name, changed);
    }
    if (watched.isEmpty && !this.#dirty.has(block.name)) {
      this.#names.delete(block.name);
    }
  }

  /** Whether a worker does, or did until names began to move. */
  #answersFor(link: WorkerLink, name: string): boolean {
    const { home, formerHome } = this.#names.get(name) ?? {};
    if (home !== undefined) return home === link;
    if (formerHome !== undefined) return formerHome === link;
    const answerers = this.#answerers;
    return answerers.isMoving || answerers.of(name) === link;
  }

  /** Workers have come or gone: names move to those that answer for them now. */
  #changeView(): void {
    const watches = new Map(
      this.#watches.entries().filter(([{ takesClients }]) => takesClients),
    );
    // What has changed goes to whoever was told the rest.
    this.#tell();
    const workers = this.#answerers.choose(watches);
    this.#lonelySince = undefined;
    for (const watched of this.#names.values()) this.#uproot(watched);
    this.#say({ view: this.#answerers.view, workers });
    clearTimeout(this.#moving);
    this.#moving = setTimeout(() => this.#settle(), RELEASE_TIMEOUT);
    this.#goOn();
  }

  #uproot(watched: WatchedName): void {
    const next = this.#answerers.of(watched.name);
    if (watched.home === undefined || watched.home === next) return;
    watched.formerHome = watched.home;
    watched.home = undefined;
  }

  /** Goes on if all have let go of what they had to tell handlers. */
  #goOn(): void {
    const { isMoving, isReleased } = this.#answerers;
    if (isMoving && isReleased) this.#settle();
  }

  /** Tells workers all of the names that are theirs now. */
  #settle(): void {
    clearTimeout(this.#moving);
    const answerers = this.#answerers;
    answerers.settle();
    let isAnyLonely = this.#watches.size === 0;
    for (const watched of this.#names.values()) {
      const next = answerers.of(watched.name);
      watched.formerHome = undefined;
      const { home } = watched;
      watched.home = next;
      if (next === undefined) isAnyLonely = true;
      if (next === undefined || next === home) continue;
      for (const block of watched.whole(MAX_ROWS)) {
        next.link.send(Command.PresenceRows, 0, 0, encodeBlocks([block]));
      }
    }
    this.#lonelySince = isAnyLonely ? now() : undefined;
    this.#say({ view: answerers.view, workers: undefined });
    this.isShown = this.clientsMay(undefined) !== "none";
    if (this.#watches.size > 0) this.viewer?.review();
  }

  #say(view: Parameters<typeof encodeView>[0]): void {
    const payload = encodeView(view);
    for (const { link } of this.#watches.keys()) {
      if (link.isOpen) link.send(Command.PresenceView, 0, 0, payload);
    }
  }
}

function matches({ groups, uids }: PresenceWatch, name: string): boolean {
  const patterns = name.startsWith("u") ? uids : groups;
  const rest = name.slice(1);
  return patterns.some((pattern) =>
    pattern.endsWith("*")
      ? rest.startsWith(pattern.slice(0, -1))
      : rest === pattern
  );
}
