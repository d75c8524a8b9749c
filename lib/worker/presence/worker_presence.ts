import { now } from "../../base/clock.ts";
import { Pulse } from "../../base/pulse.ts";
import type { Link } from "../../link/link.ts";
import { KNOWS_PRESENCE } from "../../link/link_version.ts";
import type { WorkerPresenceReport } from "../../observe/people_report.ts";
import {
  BlockKind,
  decodeBlocks,
  encodeBlocks,
  inFrames,
  type PresenceBlock,
} from "../../wire/bodies/presence_rows.ts";
import {
  decodeView,
  encodeView,
  encodeWatch,
} from "../../wire/bodies/presence_view.ts";
import { Command } from "../../wire/command.ts";
import type { FrameHeader } from "../../wire/frame.ts";
import { Charge } from "./charge.ts";
import { Departures } from "./departures.ts";
import { GatewayView } from "./gateway_view.ts";
import type { PresenceLaneOwner } from "./presence_lane.ts";
import type { ResolvedPresence } from "../handler/presence_options.ts";
import type { Roll, RollOptions } from "./roll.ts";
import type { PresenceTask } from "./roll_entry.ts";

/** Milliseconds between two times at which gateways are told what has changed. */
const TELL_INTERVAL = 5;

/** Most rows of a frame. */
const MAX_ROWS = 2_000;

/** What a worker's part in presence needs of the worker. */
export type PresenceOwner = Omit<PresenceLaneOwner, "onTold">;

/** What is another in tests. */
export interface WorkerPresenceOptions extends RollOptions {
  /** Milliseconds between two times at which gateways are told. By default 5. */
  readonly interval?: number;
}

/** A worker's part in presence: the names that it answers for. */
export class WorkerPresence implements Disposable {
  readonly #options: ResolvedPresence;
  readonly #settings: WorkerPresenceOptions;
  readonly #owner: PresenceLaneOwner;
  readonly #instance: string;
  readonly #gateways = new Map<Link, GatewayView>();
  readonly #charges = new Map<string, Charge>();
  /** Those of which something is to be said. */
  readonly #dirty = new Set<Charge>();
  readonly #departures = new Departures(() => this.#gateways.keys());
  readonly #pulse: Pulse;
  #joins = 0;
  #leaves = 0;
  #repeats = 0;
  #waiting = 0;

  /**
   * @param options What is watched.
   * @param instance The worker's; differs for every start.
   * @param owner The worker.
   * @param settings What is another in tests.
   */
  constructor(
    options: ResolvedPresence,
    instance: string,
    owner: PresenceOwner,
    settings: WorkerPresenceOptions = {},
  ) {
    const { interval = TELL_INTERVAL } = settings;
    this.#settings = settings;
    this.#options = options;
    this.#instance = instance;
    this.#owner = {
      handler: owner.handler,
      get cluster() {
        return owner.cluster;
      },
      get isOver() {
        return owner.isOver;
      },
      onThrown: () => owner.onThrown(),
      onTimedOut: () => owner.onTimedOut(),
      onTold: (roll, task) => this.#onTold(roll, task),
    };
    this.#pulse = new Pulse(() => this.#tell(), interval);
  }

  /** Whether nothing is to be told, to gateways or handlers. */
  get isIdle(): boolean {
    if (this.#pulse.isAsked || !this.#departures.isEmpty) return false;
    return this.#waiting === 0;
  }

  /** What became of it. */
  get figures(): WorkerPresenceReport {
    let users = 0;
    for (const { roll } of this.#charges.values()) users += roll.users;
    return {
      names: this.#charges.size,
      users,
      joins: this.#joins,
      leaves: this.#leaves,
      repeats: this.#repeats,
      waiting: this.#waiting,
    };
  }

  /** A gateway is linked: it is told what is watched. */
  onUp(link: Link): void {
    if (link.peer.version < KNOWS_PRESENCE || link.peer.isOriginal) return;
    this.#gateways.set(link, new GatewayView(link, this.#instance));
    link.send(Command.PresenceWatch, 0, 0, encodeWatch(this.#options));
  }

  /** A gateway is gone: who was there alone is waited for. */
  onDown(link: Link): void {
    const gateway = this.#gateways.get(link);
    if (gateway === undefined) return;
    this.#gateways.delete(link);
    const time = now();
    for (const charge of this.#charges.values()) {
      charge.wanting.delete(gateway);
      charge.roll.lose(gateway, time);
      this.#touch(charge);
    }
    this.#departures.advance();
    this.#review();
  }

  /** A gateway says something of presence. */
  onFrame(
    link: Link,
    { command }: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const gateway = this.#gateways.get(link);
    if (gateway === undefined) return;
    const payload = buffer.subarray(start, end);
    if (command === Command.PresenceView) this.#hearView(gateway, payload);
    else for (const block of decodeBlocks(payload)) this.#take(gateway, block);
  }

  /** Bytes have left for a gateway. */
  onWritten(): void {
    if (!this.#departures.isEmpty) this.#departures.advance();
  }

  /**
   * Looks who has been waited for long enough. To be called several times a second.
   *
   * @param handlerTimeout Milliseconds that handlers may run; 0 for no limit.
   */
  tick(handlerTimeout: number): void {
    const time = now();
    this.#departures.advance();
    let isAnyWaiting = false;
    for (const charge of this.#charges.values()) {
      if (charge.isWaiting) isAnyWaiting = true;
      else if (charge.roll.tick(time)) this.#touch(charge);
      if (handlerTimeout > 0) charge.lane.expire(handlerTimeout, time);
    }
    if (isAnyWaiting) this.#review();
  }

  /** Tells nobody anything any more. */
  [Symbol.dispose](): void {
    this.#pulse[Symbol.dispose]();
  }

  #hearView(gateway: GatewayView, payload: Uint8Array): void {
    const view = decodeView(payload);
    if (view.workers === undefined) this.#onWhole(gateway);
    gateway.hear(view);
    if (view.workers !== undefined) this.#onOthers(gateway);
    this.#review();
    this.#pulse.ask();
  }

  /** A gateway knows other workers: what it gives to them is not this one's any more. */
  #onOthers(gateway: GatewayView): void {
    for (const charge of this.#charges.values()) {
      if (gateway.has(charge.roll.name)) continue;
      charge.roll.cede(gateway);
      charge.wanting.delete(gateway);
      this.#touch(charge);
    }
  }

  /** A gateway has said all: it is told of names that it has known nothing of. */
  #onWhole(gateway: GatewayView): void {
    for (const charge of this.#charges.values()) {
      const { name } = charge.roll;
      if (charge.isWaiting || !gateway.has(name)) continue;
      if (gateway.isWhole(name)) continue;
      charge.wanting.add(gateway);
      this.#touch(charge);
    }
  }

  #take(gateway: GatewayView, block: PresenceBlock): void {
    const { name, kind } = block;
    if (!gateway.has(name)) return;
    const charge = this.#chargeOf(name);
    const time = now();
    charge.roll.take(gateway, block, time);
    if (charge.isWaiting) {
      this.#reviewOne(charge, [...this.#gateways.values()], time);
    }
    if ((kind & BlockKind.Last) !== 0) charge.wanting.add(gateway);
    this.#touch(charge);
  }

  #chargeOf(name: string): Charge {
    const known = this.#charges.get(name);
    if (known !== undefined) return known;
    const time = now();
    const charge = new Charge(
      name,
      this.#options.grace,
      this.#owner,
      time,
      this.#settings,
    );
    this.#charges.set(name, charge);
    return charge;
  }

  #review(): void {
    const time = now();
    const gateways = [...this.#gateways.values()];
    for (const charge of this.#charges.values()) {
      this.#reviewOne(charge, gateways, time);
    }
  }

  #reviewOne(
    charge: Charge,
    gateways: readonly GatewayView[],
    time: number,
  ): void {
    const isNew = charge.review(gateways, time);
    if (isNew) { for (const each of gateways) charge.wanting.add(each); }
    if (isNew || charge.isYielding) this.#touch(charge);
  }

  #touch(charge: Charge): void {
    this.#dirty.add(charge);
    this.#pulse.ask();
  }

  /** Tells gateways what has changed, and then handlers what they are to be told. */
  #tell(): void {
    const blocks: PresenceBlock[] = [];
    const tasks: [Charge, readonly PresenceTask[]][] = [];
    // What is told just now may be followed by more: that is for the next time.
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const charge of dirty) {
      const { roll } = charge;
      if (!roll.isActive) continue;
      blocks.push(...this.#blocksOf(charge));
      const due = roll.takeTasks();
      if (due.length > 0) tasks.push([charge, due]);
    }
    this.#broadcast(blocks);
    for (const [charge, due] of tasks) this.#raise(charge, due);
    for (const charge of dirty) this.#letGo(charge);
    this.#release();
  }

  /** What all gateways are told of a name; those that heard another worker get all of it. */
  #blocksOf({ roll, wanting }: Charge): Iterable<PresenceBlock> {
    const changes = roll.takeChanges();
    const isForAll = wanting.size === this.#gateways.size;
    if (isForAll) {
      wanting.clear();
      return roll.whole(MAX_ROWS);
    }
    if (wanting.size > 0) this.#tellWhole(roll, wanting);
    return changes === undefined ? [] : [changes];
  }

  #tellWhole(roll: Roll, wanting: Set<GatewayView>): void {
    for (const block of roll.whole(MAX_ROWS)) {
      const payload = encodeBlocks([block]);
      for (const { link } of wanting) {
        link.send(Command.PresenceRows, 0, 0, payload);
      }
    }
    wanting.clear();
  }

  #broadcast(blocks: readonly PresenceBlock[]): void {
    for (const some of inFrames(blocks, MAX_ROWS)) {
      const payload = encodeBlocks(some);
      for (const { link, hasSpoken } of this.#gateways.values()) {
        if (hasSpoken) link.send(Command.PresenceRows, 0, 0, payload);
      }
    }
  }

  #raise({ lane }: Charge, tasks: readonly PresenceTask[]): void {
    this.#waiting += tasks.length;
    this.#departures.after(() => {
      for (const task of tasks) {
        if (task.isCancelled) this.#waiting--;
        else lane.push(task);
      }
    });
  }

  #onTold(roll: Roll, task: PresenceTask): void {
    if (task.type === "join") this.#joins++;
    else this.#leaves++;
    if (task.isAgain) this.#repeats++;
    // What the handler has sent leaves before it counts as told.
    this.#departures.after(() => {
      this.#waiting--;
      roll.finish(task, now());
      const charge = this.#charges.get(roll.name);
      if (charge?.roll === roll) this.#touch(charge);
    });
  }

  /** Another worker may go on with a name once no handler is told anything of it here. */
  #letGo(charge: Charge): void {
    const { roll } = charge;
    if (charge.isYielding) {
      if (roll.isBusy) return;
      charge.letGo(now());
    }
    const isWanted = () =>
      this.#gateways.values().some((each) => each.has(roll.name));
    if (charge.isWaiting ? !isWanted() : roll.isEmpty) {
      this.#charges.delete(roll.name);
    }
  }

  /** Tells gateways that wait for it that nothing of what they gave to others is told here. */
  #release(): void {
    for (const gateway of this.#gateways.values()) {
      if (gateway.owed === 0 || this.#holdsUp(gateway)) continue;
      const { link, owed: view } = gateway;
      gateway.owed = 0;
      const payload = encodeView({ view, workers: undefined });
      link.send(Command.PresenceRelease, 0, 0, payload);
    }
  }

  #holdsUp(gateway: GatewayView): boolean {
    for (const charge of this.#charges.values()) {
      if (charge.isYielding && !gateway.has(charge.roll.name)) return true;
    }
    return false;
  }
}
