import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { Client } from "../../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Presence } from "../../../../lib/gateway/presence/presence.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import type { Link } from "../../../../lib/link/link.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { FrameHeader } from "../../../../lib/wire/frame.ts";
import {
  WorkerPresence,
  type WorkerPresenceOptions,
} from "../../../../lib/worker/presence/worker_presence.ts";
import type { HandlerEvent } from "../../../../mod.ts";

const NOBODY = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};
const UIDS = ["ann", "bob", "cat"];
const GROUPS = ["room-1", "room-2"];

/** Most milliseconds by which the clock of a worker's machine is wrong. */
const SKEW = 200;

type Frame = readonly [command: number, payload: Uint8Array];

/** One end of a link: what is sent leaves the process, and then waits until it comes. */
class End {
  readonly #unsent: Frame[] = [];
  readonly #isSlow: () => boolean;
  readonly waiting: Frame[] = [];
  readonly log = { appendedBytes: 0, writtenBytes: 0 };
  readonly isStalled = false;
  readonly peer: { instance: string; version: number };
  isOpen = true;

  /**
   * @param instance Who is at the other end.
   * @param isSlow Whether what is sent now leaves later.
   */
  constructor(instance: string, isSlow: () => boolean) {
    this.peer = { instance, version: 6 };
    this.#isSlow = isSlow;
  }

  get isFlushed(): boolean {
    return this.#unsent.length === 0;
  }

  send(command: number, _id: number, _number: number, payload: Uint8Array) {
    if (!this.isOpen) return;
    this.#unsent.push([command, payload]);
    this.log.appendedBytes++;
    if (!this.#isSlow()) this.flush();
  }

  flush(): void {
    this.waiting.push(...this.#unsent.splice(0));
    this.log.writtenBytes = this.log.appendedBytes;
  }

  close(): void {
    this.isOpen = false;
    this.#unsent.length = this.waiting.length = 0;
  }
}

class FakeGateway {
  readonly table = new ClientTable({ firstId: 1 });
  readonly presence = new Presence(this.table, { gatherWithin: 0 });
  readonly clients: Client[] = [];
  isDead = false;
  /** Whether it was there when all had come to rest: it knows what there is. */
  isSeasoned = false;
}

class FakeWorker {
  readonly presence: WorkerPresence;
  isDead = false;
  /** Whether it takes nothing new. */
  isDraining = false;

  constructor(
    readonly instance: string,
    tell: (event: HandlerEvent) => void | Promise<void>,
    settings: WorkerPresenceOptions,
  ) {
    const isDead = () => this.isDead;
    this.presence = new WorkerPresence(
      { groups: ["room-*"], uids: [], clients: "none", grace: 0 },
      instance,
      {
        handler: (event) => tell(event),
        cluster: undefined as never,
        get isOver() {
          return isDead();
        },
        onThrown: () => assert(false, "a handler threw"),
        onTimedOut: () => {},
      },
      { ...settings, interval: 0 },
    );
  }
}

/** A link of the two: what each end has sent, and has not come. */
class FakeLink {
  readonly up: End;
  readonly down: End;
  readonly linked: WorkerLink;

  constructor(
    readonly gateway: FakeGateway,
    readonly worker: FakeWorker,
    isSlow: () => boolean,
  ) {
    this.up = new End("gateway", isSlow);
    this.down = new End(worker.instance, isSlow);
    const { down } = this;
    this.linked = {
      link: down,
      get takesClients() {
        return down.isOpen && !worker.isDraining;
      },
    } as unknown as WorkerLink;
    worker.presence.onUp(this.up as unknown as Link);
  }

  /** Lets what was sent leave. */
  flush(): void {
    const { up, down, worker, gateway } = this;
    if (!gateway.isDead) down.flush();
    if (worker.isDead) return;
    up.flush();
    worker.presence.onWritten();
  }

  /** Lets one frame come to the gateway, or word that the worker is dead. */
  toGateway(): boolean {
    const { gateway: { presence, isDead }, worker } = this;
    if (isDead || !this.down.isOpen) return false;
    const [command, payload] = this.up.waiting.shift() ?? [];
    if (command === Command.PresenceWatch && payload !== undefined) {
      presence.watch(this.linked, payload);
    } else if (command === Command.PresenceRows && payload !== undefined) {
      presence.hear(this.linked, payload);
    } else if (payload !== undefined) presence.release(this.linked, payload);
    else if (worker.isDead) {
      this.down.close();
      presence.forget(this.linked);
    } else return false;
    return true;
  }

  /** Lets one frame come to the worker, or word that the gateway is dead. */
  toWorker(): boolean {
    const { worker: { presence, isDead }, gateway } = this;
    if (isDead || !this.up.isOpen) return false;
    const link = this.up as unknown as Link;
    const [command, payload] = this.down.waiting.shift() ?? [];
    if (payload !== undefined) {
      const header = Object.assign(new FrameHeader(), { command });
      presence.onFrame(link, header, payload, 0, payload.length);
    } else if (gateway.isDead) {
      this.up.close();
      presence.onDown(link);
    } else return false;
    return true;
  }
}

/** A small cluster, of which everything is known. What happens follows from the seed. */
export class World implements Disposable {
  readonly #random: () => number;
  readonly #gateways: FakeGateway[] = [];
  readonly #workers: FakeWorker[] = [];
  readonly #links: FakeLink[] = [];
  /** What handlers were told, by group and uid. */
  readonly #told = new Map<string, string[]>();
  /** Handlers that run. */
  #running: (() => void)[] = [];
  #made = 0;
  #today = 1_000_000;

  constructor(seed: number) {
    this.#random = mulberry(seed);
    for (let index = 0; index < 2; index++) this.#addGateway();
    for (let index = 0; index < 2; index++) this.#addWorker();
  }

  /** Something happens. */
  step(): void {
    this.#today++;
    const gateway = this.#pick(this.#gateways);
    const chance = this.#random();
    if (chance < 0.2) this.#come(gateway);
    else if (chance < 0.32) this.#go(gateway);
    else if (chance < 0.42) this.#toggleGroup(gateway);
    else if (chance < 0.43) this.#killWorker();
    else if (chance < 0.44) this.#killGateway();
    else if (chance < 0.45) this.#drain(this.#pick(this.#workers));
    else if (chance < 0.46 && this.#workers.length < 4) this.#addWorker();
    else if (chance < 0.47 && this.#gateways.length < 3) this.#addGateway();
    else if (chance < 0.52) this.#running.shift()?.();
    else {
      const link = this.#pick(this.#links);
      const where = this.#random();
      if (where < 0.4) link.toGateway();
      else if (where < 0.8) link.toWorker();
      else link.flush();
    }
  }

  /** Lets all come, until nothing happens any more. */
  async settle(): Promise<void> {
    if (this.#workers.every(({ isDraining }) => isDraining)) this.#addWorker();
    for (let quiet = 0; quiet < 5;) {
      let isAny = this.#running.length > 0;
      for (const act of this.#running.splice(0)) act();
      for (const link of this.#links) {
        link.flush();
        while (link.toGateway() || link.toWorker()) isAny = true;
      }
      for (const { presence } of this.#workers) presence.tick(0);
      await turn();
      quiet = isAny ? 0 : quiet + 1;
    }
    for (const gateway of this.#gateways) gateway.isSeasoned = true;
  }

  /** Whether gateways and handlers know what is so. */
  check(): void {
    for (const group of GROUPS) {
      const truth = [...this.#truth(group)].sort();
      for (const { presence } of this.#gateways) {
        const rows = presence.find(`g${group}`)?.copy.page("", 10) ?? [];
        assertEquals(rows.map(({ uid, tabs }) => [uid, tabs]), truth, group);
      }
      for (const uid of UIDS) {
        const isThere = this.#truth(group).has(uid);
        checkTold(this.#told.get(`${group} ${uid}`) ?? [], isThere);
      }
    }
  }

  [Symbol.dispose](): void {
    for (const { presence } of this.#gateways) presence[Symbol.dispose]();
    for (const { presence } of this.#workers) presence[Symbol.dispose]();
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  #link(gateway: FakeGateway, worker: FakeWorker): void {
    const isSlow = () => this.#random() < 0.3;
    this.#links.push(new FakeLink(gateway, worker, isSlow));
  }

  #addGateway(): void {
    const gateway = new FakeGateway();
    this.#gateways.push(gateway);
    for (const worker of this.#workers) this.#link(gateway, worker);
  }

  #addWorker(): void {
    const skew = Math.floor((this.#random() - 0.5) * 2 * SKEW);
    const worker: FakeWorker = new FakeWorker(
      `worker ${this.#made++}`,
      (event) => this.#tell(worker, event),
      { random: this.#random, today: () => this.#today + skew },
    );
    this.#workers.push(worker);
    for (const gateway of this.#gateways) this.#link(gateway, worker);
  }

  /** A worker dies: what has left it comes, and each gateway finds out when it likes. */
  #killWorker(): void {
    if (this.#workers.length < 2) return;
    const worker = this.#pick(this.#workers);
    worker.isDead = true;
    worker.presence[Symbol.dispose]();
    this.#workers.splice(this.#workers.indexOf(worker), 1);
  }

  /** A gateway dies; with the last one that knows anything, everything would be forgotten. */
  #killGateway(): void {
    const gateway = this.#pick(this.#gateways);
    const others = this.#gateways.filter((each) => each !== gateway);
    if (!others.some(({ isSeasoned }) => isSeasoned)) return;
    gateway.isDead = true;
    gateway.presence[Symbol.dispose]();
    this.#gateways.splice(this.#gateways.indexOf(gateway), 1);
  }

  /** A worker takes nothing new from now on. */
  #drain(worker: FakeWorker): void {
    worker.isDraining = true;
    for (const link of this.#links) {
      if (link.worker !== worker || link.gateway.isDead) continue;
      link.gateway.presence.onDraining(link.linked);
    }
  }

  #come({ table, clients }: FakeGateway): void {
    const client = new Client(table.nextId(), 0, NOBODY);
    table.add(client);
    clients.push(client);
    table.bindUid(client, this.#pick(UIDS));
    table.joinGroup(client, this.#pick(GROUPS));
  }

  #go({ table, clients }: FakeGateway): void {
    const client = this.#pick(clients);
    if (client === undefined) return;
    clients.splice(clients.indexOf(client), 1);
    table.depart(client);
    table.forget(client.connectionId);
  }

  #toggleGroup({ table, clients }: FakeGateway): void {
    const client = this.#pick(clients);
    if (client === undefined) return;
    const group = this.#pick(GROUPS);
    if (client.groups?.has(group)) table.leaveGroup(client, group);
    else table.joinGroup(client, group);
  }

  #tell(worker: FakeWorker, event: HandlerEvent): Promise<void> | void {
    if (event.type !== "join" && event.type !== "leave") return;
    const key = `${event.group} ${event.uid}`;
    const told = this.#told.get(key) ?? [];
    this.#told.set(key, told);
    const sign = event.type === "join" ? "+" : "-";
    told.push(event.redelivered ? `${sign}*` : sign);
    if (this.#random() < 0.5) return;
    return new Promise((resolve) =>
      void this.#running.push(() => {
        if (!worker.isDead) resolve();
      })
    );
  }

  /** Who is in a group, by all gateways' tables. */
  #truth(group: string): Map<string, number> {
    const tabs = new Map<string, number>();
    for (const { table } of this.#gateways) {
      for (const { uid = "" } of table.inGroup(group)) {
        tabs.set(uid, 1 + (tabs.get(uid) ?? 0));
      }
    }
    return tabs;
  }
}

/** What is not marked is told once, and the last word is right. */
function checkTold(told: readonly string[], isThere: boolean): void {
  let isIn = false;
  for (const word of told) {
    const isJoin = word.startsWith("+");
    assert(word.endsWith("*") || isJoin !== isIn, `told ${told}`);
    isIn = isJoin;
  }
  assertEquals(isIn, isThere, `told ${told}`);
}

/** A turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function mulberry(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let value = Math.imul(seed ^ seed >>> 15, 1 | seed);
    value = value + Math.imul(value ^ value >>> 7, 61 | value) ^ value;
    return ((value ^ value >>> 14) >>> 0) / 4_294_967_296;
  };
}
