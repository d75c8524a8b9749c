import { now } from "../../base/clock.ts";
import { Deque } from "../../base/deque.ts";
import type { Caller, CrossingCommand } from "../home/crossing_command.ts";
import { PATIENCE, WINDOW } from "./outgoing.ts";

/** A command that waits. */
export interface HeldCommand {
  readonly caller: Caller;
  readonly shard: number;
  readonly what: CrossingCommand;
  readonly since: number;
}

/**
 * What came for a shard for which no bridge is active at the moment: it waits for this
 * one to be, as much and as long as it would wait for another cell.
 */
export class Held {
  readonly #commands = new Deque<HeldCommand>();
  #bytes = 0;

  /** Takes a command; returns whether there was room. Its bytes are copied. */
  add(caller: Caller, shard: number, what: CrossingCommand): boolean {
    const length = what.end - what.start;
    if (this.#bytes + length > WINDOW) return false;
    const buffer = what.buffer.slice(what.start, what.end);
    const kept = { ...what, buffer, start: 0, end: length };
    this.#bytes += length;
    this.#commands.push({ caller, shard, what: kept, since: now() });
    return true;
  }

  /** Gives out what waits for a shard, in order. */
  take(shard: number): HeldCommand[] {
    const all = this.#takeAll();
    for (const each of all) if (each.shard !== shard) this.#put(each);
    return all.filter((each) => each.shard === shard);
  }

  /** Forgets some. */
  drop(isOne: (command: HeldCommand) => boolean): void {
    for (const command of this.#takeAll()) {
      if (!isOne(command)) this.#put(command);
    }
  }

  /** Gives out what has waited for too long. */
  expire(): HeldCommand[] {
    const expired: HeldCommand[] = [];
    const time = now();
    for (
      let first = this.#commands.first;
      first !== undefined && time - first.since > PATIENCE;
      first = this.#commands.first
    ) {
      this.#commands.shift();
      this.#bytes -= first.what.end;
      expired.push(first);
    }
    return expired;
  }

  #takeAll(): HeldCommand[] {
    const all: HeldCommand[] = [];
    for (
      let first = this.#commands.shift();
      first !== undefined;
      first = this.#commands.shift()
    ) all.push(first);
    this.#bytes = 0;
    return all;
  }

  #put(command: HeldCommand): void {
    this.#bytes += command.what.end;
    this.#commands.push(command);
  }
}
