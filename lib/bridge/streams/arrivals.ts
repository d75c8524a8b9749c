/**
 * Hot: what comes from other cells: for gateways here, or about who is where.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import type { Interest } from "../../link/interest.ts";
import { encodeBody } from "../../wire/body.ts";
import {
  type CellPart,
  decodeCrossing,
  encodeCellPart,
} from "../../wire/bodies/crossing.ts";
import type { DeliveredNumbers } from "../../wire/bodies/delivery.ts";
import { decodeName } from "../../wire/bodies/name.ts";
import { originOf } from "../../wire/bodies/origin.ts";
import { decodeTarget } from "../../wire/bodies/target.ts";
import { Command } from "../../wire/command.ts";
import {
  endOfHead,
  Flag,
  FrameHeader,
  HEADER_LENGTH,
  readHeader,
  readLength,
} from "../../wire/frame.ts";
import type { Home, HomeTarget, NumberedFrame } from "../home/home.ts";
import { NamedCommands } from "../home/named_command.ts";
import type { AskedNames } from "./asked_names.ts";
import type { Pair } from "./pair.ts";
import { type Accepted, accepts } from "../home/verbs.ts";

/** Milliseconds that gateways here have to answer another cell. */
const HOME_TIMEOUT = 3_000;

/** Whom a command of another cell is for. */
interface Target extends HomeTarget {
  /** Milliseconds that answers may take beyond what is usual. */
  readonly timeout?: number | undefined;
}

/** What {@linkcode Arrivals} work with. */
export interface ArrivalsParts {
  /** This cell. */
  readonly cell: string;
  /** The gateways here. */
  readonly home: Home;
  /** Who may do what here. */
  readonly accepted: Accepted;
  /** Workers and programs here that were told that nobody abroad has a name. */
  readonly told: Interest;
  /** What other cells have sent something for. */
  readonly asked: AskedNames;
}

/** Does what other cells say. */
export class Arrivals {
  readonly #parts: ArrivalsParts;
  readonly #names = new NamedCommands();
  readonly #header = new FrameHeader();
  readonly #inner = new FrameHeader();

  /** Nothing has come yet. */
  constructor(parts: ArrivalsParts) {
    this.#parts = parts;
  }

  /**
   * Takes a frame.
   *
   * @param pair Where it came from.
   * @param number Its number there.
   * @param frames Holds it in `[start, end)`.
   * @throws {ProtocolError} If it is none that cells say.
   */
  take(
    pair: Pair,
    number: number,
    frames: Uint8Array,
    start: number,
    end: number,
  ): void {
    const header = this.#header;
    const { buffer, byteOffset, byteLength } = frames;
    readHeader(new DataView(buffer, byteOffset, byteLength), start, header);
    const from = start + HEADER_LENGTH;
    switch (header.command) {
      case Command.Absent: {
        const name = decodeName(frames.subarray(from, end));
        return pair.noteAbsent(name, header.number);
      }
      case Command.Present:
        return this.#onPresent(pair, frames.subarray(from, end));
      case Command.Reply:
        return pair.takeReply(header, frames.slice(from, end));
      case Command.Cross: {
        const at = endOfHead(frames, from, end);
        const head = frames.subarray(from + 4, at);
        const { gateway, names = [], timeout } = decodeCrossing(head);
        const frame = { ...this.#numbersOf(number), buffer: frames };
        const target = { gateway, names, timeout };
        return this.#deliver(pair, target, { ...frame, start: at, end });
      }
      default: {
        const hasHead = (header.flags & Flag.Head) !== 0;
        const at = hasHead ? endOfHead(frames, from, end) : from;
        const head = hasHead ? frames.subarray(from + 4, at) : NO_BYTES;
        const names = this.#names.namesOf(header.command, head);
        const frame = { ...this.#numbersOf(number), buffer: frames };
        this.#deliver(pair, { names }, { ...frame, start, end });
      }
    }
  }

  /** The numbers of the frame whose header was read; what has an origin wants no answer. */
  #numbersOf(number: number): DeliveredNumbers {
    const header = this.#header;
    const origin = originOf(header);
    if (origin === 0) return { number, origin, originNumber: 0 };
    header.number = 0;
    return { number, origin, originNumber: header.connectionId };
  }

  #onPresent(pair: Pair, bytes: Uint8Array): void {
    const name = decodeName(bytes);
    const { number } = this.#header;
    pair.notePresent(name);
    const answer = () => {
      pair.send(Command.Reply, 0, number, encodeBody(null));
      pair.flush();
    };
    const heard = this.#parts.told.present(name);
    if (heard === undefined) answer();
    else void heard.then(answer);
  }

  /** A command of another cell, in a whole frame, for gateways here. */
  #deliver(
    pair: Pair,
    target: Target,
    frame: NumberedFrame,
  ): void {
    const { cell, home, accepted } = this.#parts;
    const id = this.#header.number;
    const { command, isListed } = this.#readInner(frame);
    const answer = (part: CellPart, flags: number) => {
      if (id === 0) return;
      pair.send(Command.Reply, 0, id, encodeCellPart(part), flags);
      pair.flush();
    };
    if (!accepts(accepted, pair.cell, command, isListed)) {
      pair.noteRefused();
      const why = `cell ${cell} (which does not take this from ${pair.cell})`;
      return answer({ silent: [why] }, 0);
    }
    const count = id === 0 ? home.deliver(target, frame) : home.ask(
      target,
      frame,
      {
        timeout: HOME_TIMEOUT + (target.timeout ?? 0),
        onPart: (gateway, part) => answer({ cell, gateway, part }, Flag.More),
        onEnd: (silent) =>
          answer({ silent: silent.map((each) => `cell ${cell} ${each}`) }, 0),
      },
    );
    for (const name of target.names) this.#parts.asked.ask(name, pair);
    if (count === 0 && target.names.length > 0) pair.noteWithoutInterest();
  }

  #readInner(
    { buffer, start, end }: { buffer: Uint8Array; start: number; end: number },
  ): { command: number; isListed: boolean } {
    const view = new DataView(buffer.buffer, buffer.byteOffset);
    if (
      end - start < HEADER_LENGTH || readLength(view, start) !== end - start
    ) {
      throw new ProtocolError("Cannot read command: its frame is not whole");
    }
    readHeader(view, start, this.#inner);
    const { command, flags } = this.#inner;
    if (command !== Command.SendToAll || (flags & Flag.Head) === 0) {
      return { command, isListed: false };
    }
    const from = start + HEADER_LENGTH;
    const head = buffer.subarray(from + 4, endOfHead(buffer, from, end));
    return { command, isListed: decodeTarget(head).connections !== undefined };
  }
}
