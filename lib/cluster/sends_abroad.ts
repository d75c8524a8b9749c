import { now } from "../base/clock.ts";
import { Deque } from "../base/deque.ts";
import { KNOWS_ORIGINS } from "../link/link_version.ts";
import { shardOf } from "../nats/subjects.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { encodeOrigin, newOrigin } from "../wire/bodies/origin.ts";
import { Command } from "../wire/command.ts";
import { frameTooLong, HEADER_LENGTH, MAX_FRAME } from "../wire/frame.ts";
import type { LinkedBridge } from "./linked_bridge.ts";
import { KeptSends, MAX_KEPT, PATIENCE } from "./kept_sends.ts";

const logger = roomLogger("cluster");
const limited = new RateLimitedLog();

/** Milliseconds without any bridge after which this cluster is a cell no more. */
const FORGET_AFTER = 60_000;

/** What a send counts beside its bytes that waits until a bridge says how many shards there are. */
const EARLY_COST = 256;

/** A send for which it is not known yet which way it goes. */
interface EarlySend {
  readonly names: readonly string[];
  readonly frame: Uint8Array;
  readonly since: number;
}

/** A command as it is sent: `bytes[0, length)`. */
export interface WholeFrame {
  readonly bytes: Uint8Array;
  readonly length: number;
}

/** What goes one shard's way. */
interface ShardSends {
  readonly kept: KeptSends;
  /** Who has been handed all that is kept; `undefined` while there is no bridge. */
  bridge: LinkedBridge | undefined;
  /** Since when that one is active; 0 while it stands by, and holds it. */
  epoch: number;
}

/**
 * What is sent to other cells and wants no answer: numbered, and kept until a bridge says
 * that it has come. If that bridge is lost, or stands still and is replaced, the next one
 * gets all of it again; by origin and number no gateway does any of it twice.
 */
export class SendsAbroad {
  readonly #find: (shard: number) => LinkedBridge | undefined;
  #origin = newOrigin();
  #shards: ShardSends[] = [];
  #bridgedAt = now();
  /** What was sent before any bridge has said how many shards there are. */
  readonly #early = new Deque<EarlySend>();
  #earlyBytes = 0;
  /** Sends that no bridge will bring. */
  lost = 0;

  /** @param find Says which bridge a shard's sends go to. */
  constructor(find: (shard: number) => LinkedBridge | undefined) {
    this.#find = find;
  }

  /** How many shards there are; 0 while no bridge has ever said so. */
  get shards(): number {
    return this.#shards.length;
  }

  /** A bridge is linked. */
  greet({ link }: LinkedBridge): void {
    if (link.peer.version < KNOWS_ORIGINS) return;
    link.send(Command.Origin, 0, 0, encodeOrigin(this.#origin));
  }

  /** Bridges say how many shards there are; if it is another number, all begins anew. */
  divide(shards: number, bridges: Iterable<LinkedBridge>): void {
    if (shards === this.#shards.length) return;
    for (const { kept } of this.#shards) {
      this.#lose(Array.from(kept.all()).length + kept.lose());
    }
    this.#origin = newOrigin();
    for (const bridge of bridges) this.greet(bridge);
    this.#shards = Array.from(
      { length: shards },
      () => ({ kept: new KeptSends(), bridge: undefined, epoch: 0 }),
    );
    if (shards > 0) this.#sendEarly(shards);
  }

  /** Sends a command for some names, before any bridge has said how many shards there are. */
  sendEarly(names: readonly string[], { bytes, length }: WholeFrame): void {
    const frame = bytes.slice(0, length);
    this.#early.push({ names, frame, since: now() });
    this.#earlyBytes += frame.length + EARLY_COST;
    while (this.#earlyBytes > MAX_KEPT) {
      this.#shiftEarly();
      this.#lose(1);
    }
  }

  #shiftEarly(): EarlySend | undefined {
    const early = this.#early.shift();
    if (early !== undefined) {
      this.#earlyBytes -= early.frame.length + EARLY_COST;
    }
    return early;
  }

  /**
   * Hot: sends a command.
   *
   * @param shard Which way.
   * @param frame All of it; a copy is kept.
   */
  send(shard: number, { bytes, length }: WholeFrame): void {
    if (length > MAX_FRAME) throw frameTooLong(length - HEADER_LENGTH);
    const its = this.#shards[shard];
    if (its === undefined) return this.#lose(1);
    const { bridge, kept } = its;
    if (bridge !== undefined && (isOld(bridge) || length > MAX_KEPT)) {
      return write(bridge, 0, bytes, 0, length);
    }
    const { number } = kept.add(bytes, length, now());
    if (bridge !== undefined) write(bridge, number, bytes, 0, length);
  }

  #sendEarly(shards: number): void {
    this.look();
    for (
      let early = this.#shiftEarly();
      early !== undefined;
      early = this.#shiftEarly()
    ) {
      const { names, frame } = early;
      const [shard = 0, ...more] = new Set(
        names.map((name) => shardOf(name, shards)),
      );
      if (more.length === 0) {
        this.send(shard, { bytes: frame, length: frame.length });
        continue;
      }
      // The bridge divides it, so that no shard's numbers fit.
      const bridge = this.#find(shard);
      if (bridge === undefined) this.#lose(1);
      else write(bridge, 0, frame, 0, frame.length);
    }
  }

  /** A bridge says that all of a shard has come, up to a number. */
  confirm(shard: number, number: number): void {
    this.#shards[shard]?.kept.confirm(number);
  }

  /** A bridge has come, is gone, or is active for other shards than before. */
  look(): void {
    for (const [shard, its] of this.#shards.entries()) {
      const next = this.#find(shard);
      const epoch = next?.active.epochs[shard] ?? 0;
      // One that stood by brings what it held. One that was active has dropped it.
      const hasAll = next === its.bridge &&
        (its.epoch === 0 || its.epoch === epoch);
      its.epoch = epoch;
      if (hasAll) continue;
      this.#lose(its.kept.lose());
      its.bridge = next;
      if (next === undefined) continue;
      giveUp(next, shard, its.kept.newest);
      for (const { number, segment, start, end } of its.kept.all()) {
        write(next, isOld(next) ? 0 : number, segment.bytes, start, end);
      }
      if (isOld(next)) its.kept.clear();
    }
  }

  /** Time has passed: what no active bridge has is lost after a while. */
  tick(): void {
    const time = now();
    if (this.#shards.some((_, shard) => this.#find(shard) !== undefined)) {
      this.#bridgedAt = time;
    } else if (time - this.#bridgedAt > FORGET_AFTER) this.divide(0, []);
    for (
      let { first } = this.#early;
      first !== undefined && time - first.since > PATIENCE;
      first = this.#early.first
    ) {
      this.#shiftEarly();
      this.#lose(1);
    }
    for (const [shard, { bridge, epoch, kept }] of this.#shards.entries()) {
      if (epoch > 0) continue;
      const lost = kept.expire(time);
      this.#lose(lost);
      if (lost > 0 && bridge !== undefined) giveUp(bridge, shard, kept.settled);
    }
  }

  #lose(count: number): void {
    if (count === 0) return;
    this.lost += count;
    limited.once("abroad", (suppressed) =>
      logger.warn(
        "Lost {count} sends to other cells, for want of a bridge that is active ({suppressed} like this before)",
        { count, suppressed },
      ));
  }
}

/** Whether a bridge knows no origins: what it is sent is not numbered, and not kept. */
function isOld({ link: { peer } }: LinkedBridge): boolean {
  return peer.version < KNOWS_ORIGINS;
}

/** A bridge that stands by is to bring nothing that it holds up to a number. */
function giveUp(bridge: LinkedBridge, shard: number, number: number): void {
  if (number === 0 || isOld(bridge)) return;
  bridge.link.send(Command.Crossed, shard, number);
}

/** Writes the frame `bytes[start, end)` under a number. */
function write(
  { link }: LinkedBridge,
  number: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const [command = 0, flags = 0] = [bytes[start + 4], bytes[start + 5]];
  const body = start + HEADER_LENGTH;
  link.log.append(command, flags, number, 0, bytes, body, end);
  link.touch();
}
