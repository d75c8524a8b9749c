import { now } from "../../base/clock.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { ProtocolError } from "../../base/errors.ts";
import { decodePush, encodePushAnswer } from "../../nats/push_message.ts";
import { shardOf } from "../../nats/subjects.ts";
import { originFrom } from "../../wire/bodies/origin.ts";
import { Command } from "../../wire/command.ts";
import {
  endOfHead,
  Flag,
  FrameHeader,
  HEADER_LENGTH,
  readHeader,
  readLength,
} from "../../wire/frame.ts";
import { type CommandPart, divideCommand } from "../home/divided_command.ts";
import type { Home } from "../home/home.ts";
import { NamedCommands } from "../home/named_command.ts";
import { PushAnswers, type Say } from "./push_answers.ts";
import { SeenPushes } from "./seen_pushes.ts";
import { WaitingPushes } from "./waiting_pushes.ts";

/** Milliseconds that gateways have to answer. */
const HOME_TIMEOUT = 3_000;

/** What programs may push. */
const ALLOWED: readonly number[] = [
  Command.SendToUid,
  Command.SendToGroup,
  Command.SendToAll,
  Command.CloseUid,
];

/** What {@linkcode Pushes} work with. */
export interface PushesParts {
  /** This cell. */
  readonly cell: string;
  /** How many shards there are. */
  readonly shards: number;
  /** The gateways here. */
  readonly home: Home;
  /** Every cell that is known. */
  cells(): readonly string[];
  /** Since when this bridge is active for a shard; 0 if it is not. */
  epochOf(shard: number): number;
  /** Told of each push that is not done. */
  refuse(why: "clock" | "repeated"): void;
}

/** A frame of a push, or what of it is one shard's. */
interface PushedFrame extends CommandPart {
  /** The how manieth of its push, from 1. */
  readonly place: number;
}

/** What a push has for one shard. */
interface ShardPush {
  readonly id: string;
  readonly origin: number;
  readonly frames: readonly PushedFrame[];
  readonly say: Say;
}

/**
 * Does what programs push by NATS, as far as this bridge is active for it; what another
 * one does is kept for a while, in case that one is lost.
 */
export class Pushes {
  readonly #parts: PushesParts;
  readonly #seen = new SeenPushes();
  readonly #waiting = new WaitingPushes<ShardPush>();
  readonly #answers = new PushAnswers();
  readonly #names = new NamedCommands();
  readonly #header = new FrameHeader();
  #number = 0;

  /** Knows of none yet. */
  constructor(parts: PushesParts) {
    this.#parts = parts;
  }

  /**
   * Takes a push.
   *
   * @param body What was sealed.
   * @param time The time of day.
   * @param say Sends the answers to whoever waits.
   * @throws {ProtocolError} If whoever knows the key pushed nonsense.
   */
  take(body: Uint8Array, time: number, say: Say): void {
    const push = decodePush(body);
    const refusal = this.#seen.refusalOf(push, time);
    if (refusal !== undefined) return this.#parts.refuse(refusal);
    const { id } = push;
    const origin = originOfPush(id);
    for (const [shard, frames] of this.#split(push.frames)) {
      const its = { id: `${id.toHex()}/${shard}`, origin, frames, say };
      if (this.#parts.epochOf(shard) > 0) this.#do(shard, its);
      else this.#keep(shard, its);
    }
  }

  /** This bridge is active for a shard from now on. */
  begin(shard: number): void {
    for (const push of this.#waiting.take(shard, now())) this.#do(shard, push);
  }

  #keep(shard: number, push: ShardPush): void {
    const frames = push.frames.map((each) => ({
      ...each,
      frame: each.frame.slice(),
    }));
    const bytes = frames.reduce((sum, { frame }) => sum + frame.length, 0);
    this.#waiting.add(shard, { ...push, frames }, bytes, now());
  }

  #do(shard: number, { id, origin, frames, say }: ShardPush): void {
    if (this.#answers.repeat(id, say)) return;
    this.#answers.begin(id);
    const epoch = this.#parts.epochOf(shard);
    this.#deliver({ shard, epoch, origin }, frames, (reached, silent) => {
      const { cell, shards, cells } = this.#parts;
      const answer = encodePushAnswer({
        id: Uint8Array.fromHex(id.slice(0, id.indexOf("/"))),
        ...{ cell, shard, epoch, shards, reached, cells: cells(), silent },
      });
      this.#answers.end(id, answer);
      say(answer);
    });
  }

  /** Forgets pushes that are too old to be believed anyway. */
  sweep(time: number): void {
    this.#seen.sweep(time);
    this.#waiting.sweep(now());
  }

  /** The frames of each shard, in order. One for names of several of them is divided. */
  #split(frames: Uint8Array): Map<number, PushedFrame[]> {
    const byShard = new Map<number, PushedFrame[]>();
    const { buffer, byteOffset, byteLength } = frames;
    const view = new DataView(buffer, byteOffset, byteLength);
    let place = 0;
    for (let start = 0; start < byteLength;) {
      const left = byteLength - start;
      const length = left < HEADER_LENGTH ? Infinity : readLength(view, start);
      if (length > left) {
        throw new ProtocolError("Cannot read push: a frame is cut off");
      }
      place++;
      for (const part of this.#partsOf(view, start, start + length)) {
        const its = byShard.get(part.shard) ?? [];
        its.push({ ...part, place });
        byShard.set(part.shard, its);
      }
      start += length;
    }
    return byShard;
  }

  #partsOf(view: DataView, start: number, end: number): CommandPart[] {
    const header = this.#header;
    readHeader(view, start, header);
    const { command, flags, number } = header;
    if (!ALLOWED.includes(command) || number !== 0) {
      throw new ProtocolError(
        `Cannot do what was pushed: command ${command} is none that may be`,
      );
    }
    const bytes = new Uint8Array(view.buffer, view.byteOffset);
    const from = start + HEADER_LENGTH;
    const hasHead = (flags & Flag.Head) !== 0;
    const at = hasHead ? endOfHead(bytes, from, end) : from;
    const head = hasHead ? bytes.subarray(from + 4, at) : NO_BYTES;
    const names = this.#names.namesOf(command, head);
    const { shards } = this.#parts;
    const [shard = 0, ...more] = new Set(
      names.map((name) => shardOf(name, shards)),
    );
    if (more.length === 0) {
      return [{ shard, names, frame: bytes.subarray(start, end) }];
    }
    const payload = bytes.subarray(at, end);
    return divideCommand({ command, flags, head, payload, names, shards });
  }

  #deliver(
    { shard, epoch, origin }: { shard: number; epoch: number; origin: number },
    its: readonly PushedFrame[],
    done: (reached: number, silent: string[]) => void,
  ): void {
    const { home } = this.#parts;
    let reached = 0;
    let left = its.length;
    const silent = new Set<string>();
    home.begin({ stream: `push/${shard}`, deliverer: epoch, numberer: epoch });
    for (const { names, frame, place } of its) {
      const number = ++this.#number;
      const numbers = { number, origin, originNumber: place };
      const whole = { buffer: frame, start: 0, end: frame.length };
      home.ask({ names }, { ...numbers, ...whole }, {
        timeout: HOME_TIMEOUT,
        onPart: (_, count) => void (reached += Number(count)),
        onEnd: (missing) => {
          for (const address of missing) silent.add(address);
          if (--left === 0) done(reached, [...silent]);
        },
      });
    }
    home.flush();
  }
}

/** A push stands for its own sender: so gateways do none twice, whichever bridge brings it. */
function originOfPush(id: Uint8Array): number {
  const view = new DataView(id.buffer, id.byteOffset);
  return originFrom(view.getUint16(0), view.getUint32(2));
}
