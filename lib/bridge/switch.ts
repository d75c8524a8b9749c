/**
 * What a bridge hears and says on NATS, and for which shards it is active.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { VERSION } from "../base/version.ts";
import type { NatsLine } from "../nats/nats_line.ts";
import { Kind, seal, unseal } from "../nats/seal.ts";
import {
  cellsSubject,
  inboxSubject,
  isSaidSubject,
  pushSubject,
  shardOf,
} from "../nats/subjects.ts";
import { roomLogger } from "../observe/logger.ts";
import type { ActiveShards } from "../wire/bodies/shards.ts";
import { readCellMessage } from "./streams/cell_message.ts";
import { Cells } from "./cells/cells.ts";
import { Doubts } from "./cells/doubts.ts";
import { Election } from "./cells/election.ts";
import type { Caller, CrossingCommand } from "./home/crossing_command.ts";
import { Exchange } from "./streams/exchange.ts";
import {
  addFigures,
  FiguresByCell,
  noFigures,
  type PairFigures,
} from "./streams/figures.ts";
import { readHeartbeat, writeHeartbeat } from "./cells/heartbeat.ts";
import type { Home } from "./home/home.ts";
import type { CellKeys, ResolvedBridgeOptions } from "./options.ts";
import { Retired } from "./streams/retired.ts";
import { Pushes } from "./pushes/pushes.ts";
import { Unserved } from "./unserved.ts";

const logger = roomLogger("bridge");

/** Milliseconds between two heartbeats of a bridge. */
const HEARTBEAT_INTERVAL = 1_000;

/** A tick that is so late means that the process stood still, in milliseconds. */
const STOOD_STILL = 1_000;

/** What a {@linkcode Switch} works with. */
export interface SwitchParts {
  /** What the bridge was told. */
  readonly options: ResolvedBridgeOptions;
  /** The keys of messages. */
  readonly keys: CellKeys;
  /** Differs for every start. */
  readonly instance: string;
  /** Carries messages. */
  readonly nats: NatsLine;
  /** The gateways of its cell. */
  readonly home: Home;
  /** It is active for other shards than before. */
  onChange(): void;
}

/** Joins what comes from the cell with what comes from NATS. */
export class Switch {
  readonly #parts: SwitchParts;
  readonly #exchanges: (Exchange | undefined)[];
  readonly #election: Election;
  readonly #pushes: Pushes;
  readonly #retired = new Retired();
  /** What became of frames while this bridge was active before, by cell. */
  readonly #before = new FiguresByCell();
  readonly #unserved: Unserved;
  readonly #inboxes = new Map<number, Disposable>();
  #isLeaving = false;
  #number = 0;
  #saidAt = -Infinity;
  #tickedAt = now();
  /** Nothing is delivered before this heartbeat of one's own came back: see `#isAwake`. */
  #awaited = 0;
  /** The keys of messages. */
  keys: CellKeys;
  /** Who is there. */
  readonly cells: Cells;
  /** Tells of what is not believed. */
  readonly doubts: Doubts = new Doubts();

  /** Hears nothing yet. */
  constructor(parts: SwitchParts) {
    const { options, keys, instance } = parts;
    const { cell, cellShards } = options;
    this.#parts = parts;
    this.keys = keys;
    this.cells = new Cells(cell, instance, cellShards);
    this.#election = new Election(this.cells);
    this.#unserved = new Unserved(this.cells, this.#before);
    this.#exchanges = Array.from({ length: cellShards }, () => undefined);
    this.#pushes = new Pushes({
      cell,
      shards: cellShards,
      home: parts.home,
      cells: () => [cell, ...this.cells.others],
      epochOf: (shard) => this.#exchanges[shard]?.epoch ?? 0,
      refuse: (why) => this.doubts.refusePush(why),
    });
  }

  /** What this bridge is active for. */
  get active(): ActiveShards {
    const { cell } = this.#parts.options;
    const epochs = this.#isLeaving
      ? this.#exchanges.map(() => -1)
      : this.#exchanges.map((each) => each?.epoch ?? 0);
    return { cell, epochs };
  }

  /** Whether for each shard a bridge of this cell is active. */
  get isServed(): boolean {
    return this.#exchanges.every((each, shard) =>
      each !== undefined || this.cells.rivalFor(shard) > 0
    );
  }

  /** Whether all that was sent is acknowledged. */
  get isSettled(): boolean {
    return this.#exchanges.every((each) => each?.isSettled ?? true);
  }

  /** What became of the frames from and to a cell. */
  figuresOf(cell: string): PairFigures {
    const sum = noFigures();
    addFigures(sum, this.#before.of(cell));
    for (const each of this.#exchanges) each?.addFigures(cell, sum);
    this.#retired.addFigures(cell, sum);
    return sum;
  }

  /** The shards for which it is active. */
  get exchanges(): Exchange[] {
    return this.#exchanges.filter((each) => each !== undefined);
  }

  /** Begins to listen. */
  begin(): void {
    const { nats, options: { cluster } } = this.#parts;
    const cells = cellsSubject(cluster);
    nats.subscribe(cells, (bytes) => this.#hear(cells, bytes));
    const push = pushSubject(cluster);
    nats.subscribe(push, (bytes, reply) => this.#onPush(push, bytes, reply));
  }

  /** NATS is there, or is gone. */
  onConnection(): void {
    if (!this.#parts.nats.isConnected) return;
    this.#beat();
    for (const each of this.#exchanges) each?.flush();
  }

  /** Hot: a command of this cell is to cross. */
  cross(caller: Caller, shard: number, what: CrossingCommand): void {
    const exchange = this.#exchanges[shard];
    if (exchange !== undefined) exchange.cross(caller, what);
    else if (this.#isLeaving) this.#unserved.giveUp(caller, what);
    else this.#unserved.hold(caller, shard, what);
  }

  /** A worker or program has given up what it numbered for a shard, up to a number, or sends it again. */
  drop(caller: Caller, shard: number, number: number): void {
    this.#unserved.drop(caller, shard, number);
  }

  /** A worker or program is gone. */
  forgetCaller(caller: Caller): void {
    for (const each of this.#exchanges) each?.forgetCaller(caller);
  }

  /** A gateway has nobody of a name. */
  absent(name: string): void {
    const shard = shardOf(name, this.#exchanges.length);
    this.#exchanges[shard]?.absent(name);
  }

  /** Somebody here has a name now; what it returns is waited for. */
  present(name: string): Promise<unknown> | undefined {
    const shard = shardOf(name, this.#exchanges.length);
    return this.#exchanges[shard]?.present(name);
  }

  /** Anybody may be here: a gateway has come or gone. */
  forgetHome(): void {
    for (const each of this.#exchanges) each?.forgetHome();
  }

  /** Bytes left for gateways. */
  onWritten(): void {
    for (const each of this.#exchanges) each?.onWritten();
  }

  /**
   * Time has passed.
   *
   * @param isJudging Whether the process did not stand still just now.
   */
  tick(isJudging: boolean): void {
    const time = now();
    if (!this.#isAwake(time)) this.#beat();
    this.#tickedAt = time;
    if (!isJudging) return;
    if (time - this.#saidAt >= HEARTBEAT_INTERVAL) this.#beat();
    this.#decide();
    for (const cell of this.cells.sweep()) this.#forgetCell(cell);
    this.#meetAll();
    for (const each of this.#exchanges) each?.tick();
    this.#unserved.expire();
    this.#before.keepAll(this.#retired.end("due"));
    this.#pushes.sweep(timeOfDay());
  }

  /** Takes nothing new of its cell; what was sent is still waited for. */
  leave(): void {
    this.#isLeaving = true;
    this.#parts.onChange();
  }

  /** Lets the other bridge have all shards. */
  end(): void {
    for (const shard of this.#exchanges.keys()) this.#stop(shard);
    this.#before.keepAll(this.#retired.end("all"));
    this.#beat();
  }

  /**
   * Whether what comes may be delivered. After the process stood still, another bridge
   * may be active, and what NATS kept for this one is old: all of it has passed once
   * this bridge hears what it says now.
   */
  #isAwake(time: number): boolean {
    if (time - this.#tickedAt > STOOD_STILL) {
      this.#tickedAt = time;
      this.#awaited = this.#number + 1;
    }
    return this.cells.selfHeard >= this.#awaited;
  }

  #decide(): void {
    for (const [shard, exchange] of this.#exchanges.entries()) {
      const decision = this.#election.decide(shard, exchange?.epoch ?? 0);
      if (decision === "leave") {
        logger.warn(
          "Another bridge of cell {cell} is active for shard {shard}: this one stands by",
          { cell: this.#parts.options.cell, shard },
        );
        this.#retire(shard);
        this.#beat();
        this.#parts.onChange();
      } else if (decision === "take" && !this.#isLeaving) this.#start(shard);
    }
  }

  #start(shard: number): void {
    const { options, home, nats } = this.#parts;
    const { cell, cluster, accepted } = options;
    const epoch = this.#election.newEpoch(shard);
    const exchange = new Exchange({
      cell,
      shard,
      epoch,
      home,
      accepted,
      maxPayload: () => nats.maxPayload,
      publish: (to, kind, parts) =>
        this.#publish(inboxSubject(cluster, to, shard), kind, parts),
    });
    this.#exchanges[shard] = exchange;
    const inbox = inboxSubject(cluster, cell, shard);
    this.#inboxes.set(
      shard,
      nats.subscribe(inbox, (bytes) => this.#take(inbox, bytes)),
    );
    logger.info("Active for shard {shard} of cell {cell}", { shard, cell });
    this.#meetAll();
    for (const { caller, what } of this.#unserved.take(shard)) {
      exchange.cross(caller, what);
    }
    this.#pushes.begin(shard);
    this.#beat();
    this.#parts.onChange();
  }

  #retire(shard: number): void {
    const exchange = this.#exchanges[shard];
    const inbox = this.#inboxes.get(shard);
    this.#exchanges[shard] = undefined;
    if (exchange && inbox) this.#retired.add(exchange, inbox);
  }

  #stop(shard: number): void {
    const exchange = this.#exchanges[shard];
    if (exchange === undefined) return;
    this.#exchanges[shard] = undefined;
    this.#inboxes.get(shard)?.[Symbol.dispose]();
    this.#before.keepAll(exchange.close());
  }

  #forgetCell(cell: string): void {
    logger.info("Cell {cell} is forgotten: nothing was heard of it for long", {
      cell,
    });
    for (const each of this.#exchanges) {
      if (each !== undefined) this.#before.keep(cell, each.forgetCell(cell));
    }
  }

  #meetAll(): void {
    for (const cell of this.cells.others) {
      const isHeard = this.cells.isHeard(cell);
      for (const [shard, exchange] of this.#exchanges.entries()) {
        const { epoch, generation } = this.cells.stateOf(cell, shard);
        exchange?.meet(cell, epoch, generation, isHeard);
      }
    }
  }

  #beat(): void {
    const { options, instance } = this.#parts;
    const { cell, cluster } = options;
    this.#saidAt = now();
    const heartbeat = writeHeartbeat({
      cell,
      instance,
      number: ++this.#number,
      time: timeOfDay(),
      epochs: this.#exchanges.map((each) => each?.epoch ?? 0),
      generations: this.#exchanges.map((each) => each?.generation ?? 0),
      isLeaving: this.#isLeaving && this.exchanges.length === 0,
      version: VERSION,
    });
    this.#publish(cellsSubject(cluster), Kind.Heartbeat, [heartbeat]);
  }

  #publish(subject: string, kind: Kind, parts: readonly Uint8Array[]): void {
    const message = seal(this.keys.cell[0] ?? "", subject, kind, parts);
    this.#parts.nats.publish(subject, message);
  }

  #hear(subject: string, bytes: Uint8Array): void {
    const message = unseal(this.keys.cell, subject, bytes);
    if (message?.kind !== Kind.Heartbeat) {
      return this.doubts.disbelieve("heartbeat");
    }
    try {
      const heartbeat = readHeartbeat(message.body);
      const isNew = !this.cells.knows(heartbeat.instance);
      const why = this.cells.hear(heartbeat, timeOfDay());
      // It is to know at once who is there, and not only after a while.
      if (why === undefined && isNew) this.#beat();
      if (why === undefined) return this.#meetAll();
      if (why !== "repeated") this.doubts.ignore(heartbeat.cell, why);
      else this.doubts.forged++;
    } catch (error) {
      this.doubts.complain(messageOf(error));
    }
  }

  #take(subject: string, bytes: Uint8Array): void {
    const message = unseal(this.keys.cell, subject, bytes);
    const said = message && readCellMessage(message.kind, message.body);
    if (said === undefined) return this.doubts.disbelieve("message");
    if (!this.#isAwake(now())) return;
    try {
      this.#retired.take(said);
      this.#exchanges[said.shard]?.take(said);
    } catch (error) {
      this.doubts.complain(messageOf(error));
    }
  }

  #onPush(subject: string, bytes: Uint8Array, reply: string = ""): void {
    if (!this.#isAwake(now())) return;
    const message = unseal(this.keys.push, subject, bytes);
    if (message?.kind !== Kind.Push) return this.doubts.disbelieve("push");
    const { nats, options } = this.#parts;
    try {
      this.#pushes.take(message.body, timeOfDay(), (answer) => {
        // A program that could name any subject would have us say things there.
        if (!isSaidSubject(options.cluster, reply)) return;
        const sealed = seal(message.key, reply, Kind.PushAnswer, [answer]);
        nats.publish(reply, sealed);
      });
    } catch (error) {
      this.doubts.complain(messageOf(error));
    }
  }
}

/** Milliseconds since 1970: bridges on other machines have no other clock in common. */
function timeOfDay(): number {
  return Date.now();
}
