import { Command } from "../../wire/command.ts";
import type { Caller } from "../home/crossing_command.ts";

/** What of a stream to another cell {@linkcode Confirmations} look at. */
export interface ConfirmedStream {
  /** The number that the next frame for it will have. */
  readonly next: number;
  /** Whether all frames before a number have come, or were given up and counted. */
  isPast(number: number): boolean;
}

/** How far one caller has come, in its own numbers. */
interface CallerProgress {
  /** Its newest. */
  newest: number;
  /** Its newest when the mark was made. */
  marked: number;
  /** What it was told. */
  told: number;
}

/** Places in all streams; once each is past, so is all that callers had sent by then. */
type Mark = readonly { stream: ConfirmedStream; number: number }[];

/**
 * Tells callers how far what they number has come, so that they need keep it no longer:
 * one mark in all streams at a time, and no work for each frame.
 */
export class Confirmations {
  readonly #shard: number;
  readonly #callers = new Map<Caller, CallerProgress>();
  #mark: Mark | undefined;

  /** @param shard Which shard it is about. */
  constructor(shard: number) {
    this.#shard = shard;
  }

  /** Hot: a caller has numbered what it sends; it is in all streams that it is for. */
  note(caller: Caller, number: number): void {
    const progress = this.#callers.get(caller);
    if (progress !== undefined) progress.newest = number;
    else this.#callers.set(caller, { newest: number, marked: 0, told: 0 });
  }

  /** A caller is gone. */
  forget(caller: Caller): void {
    this.#callers.delete(caller);
  }

  /** Something has come, or time has passed: tells callers, and makes the next mark. */
  advance(streams: Iterable<ConfirmedStream>): void {
    if (this.#mark?.every(({ stream, number }) => stream.isPast(number))) {
      this.#mark = undefined;
      this.#tell();
    }
    if (this.#mark !== undefined) return;
    let isWanted = false;
    for (const progress of this.#callers.values()) {
      if (progress.newest !== progress.told) isWanted = true;
      progress.marked = progress.newest;
    }
    if (!isWanted) return;
    this.#mark = Array.from(
      streams,
      (stream) => ({ stream, number: stream.next }),
    );
  }

  #tell(): void {
    for (const [{ link }, progress] of this.#callers) {
      if (progress.marked === progress.told) continue;
      progress.told = progress.marked;
      if (link.isOpen) {
        link.send(Command.Crossed, this.#shard, progress.told);
      }
    }
  }
}
