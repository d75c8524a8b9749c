/**
 * Gateways and workers of presence against what is true, with seeds: clients come and go,
 * workers and gateways die, frames come when they like.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { Client } from "../../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Presence } from "../../../../lib/gateway/presence/presence.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import type { Link } from "../../../../lib/link/link.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { FrameHeader } from "../../../../lib/wire/frame.ts";
import { WorkerPresence } from "../../../../lib/worker/presence/worker_presence.ts";
import type { HandlerEvent } from "../../../../mod.ts";

const NOBODY = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};
const UIDS = ["ann", "bob", "cat"];
const GROUPS = ["room-1", "room-2"];

/** One end of a link: what is sent waits until it is delivered. */
class End {
  readonly waiting: [command: number, payload: Uint8Array][] = [];
  isOpen = true;
  readonly isFlushed = true;
  readonly isStalled = false;
  readonly peer: { instance: string; version: number };

  constructor(instance: string) {
    this.peer = { instance, version: 6 };
  }

  send(command: number, _id: number, _number: number, payload: Uint8Array) {
    if (this.isOpen) this.waiting.push([command, payload]);
  }
}

class FakeGateway {
  readonly table = new ClientTable();
  readonly presence = new Presence(this.table, { gatherWithin: 0 });
  readonly clients: Client[] = [];
}

class FakeWorker {
  readonly presence: WorkerPresence;
  isOver = false;

  constructor(readonly instance: string, tell: (event: HandlerEvent) => void) {
    const isOver = () => this.isOver;
    this.presence = new WorkerPresence(
      { groups: ["room-*"], uids: [], clients: "none", grace: 0 },
      instance,
      {
        handler: (event) => tell(event),
        cluster: undefined as never,
        get isOver() {
          return isOver();
        },
        onThrown: () => assert(false, "a handler threw"),
        onTimedOut: () => {},
      },
      0,
    );
  }
}

/** A link of the two: what each end has sent, and has not come. */
class FakeLink {
  readonly up: End;
  readonly down: End;
  readonly linked: WorkerLink;

  constructor(readonly gateway: FakeGateway, readonly worker: FakeWorker) {
    this.up = new End("gateway");
    this.down = new End(worker.instance);
    const { down } = this;
    this.linked = {
      link: down,
      get takesClients() {
        return down.isOpen;
      },
    } as unknown as WorkerLink;
    worker.presence.onUp(this.up as unknown as Link);
  }

  /** Lets one frame come to the gateway. */
  toGateway(): boolean {
    const [command, payload] = this.up.waiting.shift() ?? [];
    if (command === undefined || payload === undefined) return false;
    const { presence } = this.gateway;
    if (command === Command.PresenceWatch) presence.watch(this.linked, payload);
    else if (command === Command.PresenceRows) {
      presence.hear(this.linked, payload);
    } else presence.release(this.linked, payload);
    return true;
  }

  /** Lets one frame come to the worker. */
  toWorker(): boolean {
    const [command, payload] = this.down.waiting.shift() ?? [];
    if (command === undefined || payload === undefined) return false;
    const header = Object.assign(new FrameHeader(), { command });
    const link = this.up as unknown as Link;
    this.worker.presence.onFrame(link, header, payload, 0, payload.length);
    return true;
  }
}

class World {
  readonly #random: () => number;
  readonly gateways: FakeGateway[] = [];
  readonly workers: FakeWorker[] = [];
  links: FakeLink[] = [];
  /** What handlers were told, by group and uid. */
  readonly told = new Map<string, string[]>();
  repeats = 0;
  #made = 0;

  constructor(seed: number) {
    this.#random = mulberry(seed);
    for (let index = 0; index < 2; index++) this.addGateway();
    for (let index = 0; index < 2; index++) this.addWorker();
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  addGateway(): void {
    const gateway = new FakeGateway();
    this.gateways.push(gateway);
    for (const worker of this.workers) {
      this.links.push(new FakeLink(gateway, worker));
    }
  }

  addWorker(): void {
    const worker: FakeWorker = new FakeWorker(
      `worker ${this.#made++}`,
      (event) => this.#tell(event),
    );
    this.workers.push(worker);
    for (const gateway of this.gateways) {
      this.links.push(new FakeLink(gateway, worker));
    }
  }

  /** A worker dies: of what it has sent, gateways may read some or all. */
  killWorker(): void {
    if (this.workers.length < 2) return;
    const worker = this.pick(this.workers);
    worker.isOver = true;
    worker.presence[Symbol.dispose]();
    this.workers.splice(this.workers.indexOf(worker), 1);
    for (const link of this.links.filter((each) => each.worker === worker)) {
      // What has left a process comes, as long as the machine lives.
      while (link.toGateway());
      this.#cut(link);
      link.gateway.presence.forget(link.linked);
    }
  }

  killGateway(): void {
    if (this.gateways.length < 2) return;
    const gateway = this.pick(this.gateways);
    gateway.presence[Symbol.dispose]();
    this.gateways.splice(this.gateways.indexOf(gateway), 1);
    for (const link of this.links.filter((each) => each.gateway === gateway)) {
      this.#cut(link);
      link.worker.presence.onDown(link.up as unknown as Link);
    }
  }

  #cut(link: FakeLink): void {
    link.up.isOpen = link.down.isOpen = false;
    link.up.waiting.length = link.down.waiting.length = 0;
    this.links = this.links.filter((each) => each !== link);
  }

  step(): void {
    const gateway = this.pick(this.gateways);
    const chance = this.#random();
    if (chance < 0.25) this.#come(gateway);
    else if (chance < 0.4) this.#go(gateway);
    else if (chance < 0.5) this.#toggleGroup(gateway);
    else if (chance < 0.51) this.killWorker();
    else if (chance < 0.52) this.killGateway();
    else if (chance < 0.53 && this.workers.length < 4) this.addWorker();
    else if (chance < 0.54 && this.gateways.length < 3) this.addGateway();
    else if (this.links.length > 0) {
      const link = this.pick(this.links);
      if (this.#random() < 0.5) link.toGateway();
      else link.toWorker();
    }
  }

  #come({ table, clients }: FakeGateway): void {
    const client = new Client(table.nextId(), 0, NOBODY);
    table.add(client);
    clients.push(client);
    table.bindUid(client, this.pick(UIDS));
    table.joinGroup(client, this.pick(GROUPS));
  }

  #go({ table, clients }: FakeGateway): void {
    const client = this.pick(clients);
    if (client === undefined) return;
    clients.splice(clients.indexOf(client), 1);
    table.depart(client);
    table.forget(client.connectionId);
  }

  #toggleGroup({ table, clients }: FakeGateway): void {
    const client = this.pick(clients);
    if (client === undefined) return;
    const group = this.pick(GROUPS);
    if (client.groups?.has(group)) table.leaveGroup(client, group);
    else table.joinGroup(client, group);
  }

  /** Lets all come, until nothing happens any more. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 5;) {
      let isAny = false;
      for (const link of this.links) {
        while (link.toGateway() || link.toWorker()) isAny = true;
      }
      for (const { presence } of this.workers) presence.tick(0);
      await turn();
      quiet = isAny ? 0 : quiet + 1;
    }
  }

  #tell(event: HandlerEvent): void {
    if (event.type !== "join" && event.type !== "leave") return;
    const key = `${event.group} ${event.uid}`;
    const told = this.told.get(key) ?? [];
    this.told.set(key, told);
    if (event.redelivered) this.repeats++;
    told.push(
      (event.type === "join" ? "+" : "-") +
        (event.redelivered ? "*" : ""),
    );
  }

  /** Who is in a group, by all gateways' tables. */
  truth(group: string): Map<string, number> {
    const tabs = new Map<string, number>();
    for (const { table } of this.gateways) {
      for (const { uid = "" } of table.inGroup(group)) {
        tabs.set(uid, 1 + (tabs.get(uid) ?? 0));
      }
    }
    return tabs;
  }

  check(): void {
    for (const group of GROUPS) {
      const truth = [...this.truth(group)].sort();
      for (const { presence } of this.gateways) {
        const rows = presence.find(`g${group}`)?.copy.page("", 10) ?? [];
        assertEquals(rows.map(({ uid, tabs }) => [uid, tabs]), truth, group);
      }
      for (const uid of UIDS) {
        const isThere = this.truth(group).has(uid);
        checkTold(this.told.get(`${group} ${uid}`) ?? [], isThere);
      }
    }
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

function turn(): Promise<void> {
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

Deno.test("gateways and workers agree with what is true, and handlers are told once or it is marked", async () => {
  for (let seed = 1; seed <= 12; seed++) {
    const world = new World(seed);
    await world.settle();
    for (let round = 0; round < 6; round++) {
      for (let step = 0; step < 60; step++) {
        world.step();
        if (step % 3 === 0) await turn();
      }
      await world.settle();
      try {
        world.check();
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      }
    }
    for (const { presence } of world.gateways) presence[Symbol.dispose]();
    for (const { presence } of world.workers) presence[Symbol.dispose]();
  }
});
