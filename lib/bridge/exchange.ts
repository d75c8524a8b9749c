/**
 * Hot: one shard for which a bridge is active: what nodes of its cell send goes to the
 * other cells, and what comes from those to the gateways here.
 *
 * @module
 */
import { ProtocolError } from "../base/errors.ts";
import { type Flushable, flushSoon } from "../base/flush_soon.ts";
import { NO_BYTES } from "../base/no_bytes.ts";
import { Interest, type InterestedPeer } from "../link/interest.ts";
import type { Link } from "../link/link.ts";
import type { Kind } from "../nats/seal.ts";
import { encodeBody } from "../wire/body.ts";
import {
  type CellPart,
  decodeCrossing,
  encodeCellPart,
  readCellPart,
} from "../wire/bodies/crossing.ts";
import { decodeName } from "../wire/bodies/name.ts";
import { decodeTarget } from "../wire/bodies/target.ts";
import { Command } from "../wire/command.ts";
import {
  endOfHead,
  Flag,
  FrameHeader,
  HEADER_LENGTH,
  readHeader,
  readLength,
} from "../wire/frame.ts";
import type { CellMessage } from "./cell_message.ts";
import { addFigures, noFigures, type PairFigures } from "./figures.ts";
import type { Home, HomeTarget } from "./home.ts";
import { NamedCommands } from "./named_command.ts";
import { Pair, type PairOwner } from "./pair.ts";
import { type Accepted, accepts } from "./verbs.ts";

/** Milliseconds that another cell has to answer, and this one's gateways have to answer it. */
const CELL_TIMEOUT = 4_000;
const HOME_TIMEOUT = 3_000;

/** Whoever sent a command: a worker, or a program. */
export interface Caller extends InterestedPeer {
  /** Its link. */
  readonly link: Pick<Link, "send" | "pending" | "isOpen">;
  /** Who it is, if this stands for one command of it. */
  readonly root?: Caller;
}

/** A command as it is to cross. */
export interface CrossingCommand {
  readonly command: number;
  readonly flags: number;
  readonly connectionId: number;
  /** The caller's request id; 0 wants no answer. */
  readonly number: number;
  /** What it is about. */
  readonly names: readonly string[];
  /** Only this cell; all others if absent. */
  readonly cell?: string | undefined;
  /** Milliseconds that answers may take beyond what is usual. */
  readonly timeout?: number | undefined;
  /** Its body is `buffer[start, end)`. */
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Whom a command of another cell is for. */
interface Target extends HomeTarget {
  /** Milliseconds that answers may take beyond what is usual. */
  readonly timeout?: number | undefined;
}

/** What an {@linkcode Exchange} works with. */
export interface ExchangeParts {
  /** This cell. */
  readonly cell: string;
  /** The shard. */
  readonly shard: number;
  /** Since when this bridge is active for it. */
  readonly epoch: number;
  /** The gateways here. */
  readonly home: Home;
  /** Who may do what here. */
  readonly accepted: Accepted;
  /** Longest message that NATS takes. */
  maxPayload(): number;
  /** Seals a message and sends it to a cell. */
  publish(cell: string, kind: Kind, parts: readonly Uint8Array[]): void;
}

/** Carries one shard's frames. */
export class Exchange implements PairOwner, Flushable {
  readonly #parts: ExchangeParts;
  readonly #pairs = new Map<string, Pair>();
  /** Workers and programs here that were told that nobody abroad has a name. */
  readonly #told = new Interest();
  /** Other cells that were told that nobody here has a name. */
  readonly #toldAbroad = new Interest();
  readonly #names = new NamedCommands();
  readonly #header = new FrameHeader();
  readonly #inner = new FrameHeader();
  #isFlushWanted = false;
  /** What this cell said of absent names before this is void. */
  generation = 1;

  /** No other cell is known yet. */
  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** This cell. */
  get cell(): string {
    return this.#parts.cell;
  }

  /** The shard. */
  get shard(): number {
    return this.#parts.shard;
  }

  /** Since when this bridge is active for it. */
  get epoch(): number {
    return this.#parts.epoch;
  }

  /** The other cells. */
  get pairs(): Iterable<Pair> {
    return this.#pairs.values();
  }

  /** How another cell is by now. */
  meet(
    cell: string,
    epoch: number,
    generation: number,
    isHeard: boolean,
  ): void {
    this.#pairOf(cell).meet(epoch, generation, isHeard);
  }

  /** Nobody knows of a cell any more; returns what became of its frames. */
  forgetCell(cell: string): PairFigures {
    const pair = this.#pairs.get(cell);
    this.#pairs.delete(cell);
    if (pair === undefined) return noFigures();
    this.#toldAbroad.forget(pair);
    return pair.close();
  }

  /** A worker or program is gone. */
  forgetCaller(caller: Caller): void {
    this.#told.forget(caller);
  }

  /** Hot: a command of this cell's is to cross. */
  cross(caller: Caller, what: CrossingCommand): void {
    const { number, names } = what;
    if (!this.#isFlushWanted) {
      this.#isFlushWanted = true;
      flushSoon(this);
    }
    let meant = 0;
    const asked: Pair[] = [];
    for (const pair of this.#pairs.values()) {
      if (what.cell !== undefined && what.cell !== pair.cell) continue;
      if (pair.hasNone(names)) continue;
      meant++;
      if (number !== 0) asked.push(pair);
      else this.#push(pair, what, 0);
    }
    if (number !== 0) this.#ask(caller, asked, what);
    if (meant > 0 || what.cell !== undefined) return;
    for (const name of names) this.#told.absent(name, caller.root ?? caller);
  }

  /** Sends what was said. To be called when a turn is over. */
  flush(): void {
    this.#isFlushWanted = false;
    for (const pair of this.#pairs.values()) pair.flush();
  }

  /** A message came from the bridge of another cell. */
  take(message: CellMessage & { readonly frames: Uint8Array }): void {
    const pair = this.#pairOf(message.cell);
    const { frames } = message;
    const { cell, shard, epoch, home } = this.#parts;
    home.begin({
      stream: `${message.cell}/${shard}`,
      deliverer: epoch,
      numberer: message.epoch,
    });
    const view = new DataView(
      frames.buffer,
      frames.byteOffset,
      frames.byteLength,
    );
    try {
      pair.take(message, frames, (number, start, end) => {
        readHeader(view, start, this.#header);
        this.#onFrame(pair, number, frames, start, end);
      });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new ProtocolError(
        `Cannot read what cell ${message.cell} says to ${cell}: ${error.message}`,
        { cause: error },
      );
    } finally {
      home.flush();
    }
    this.flush();
  }

  /** Somebody here has a name now; what it returns is waited for. */
  present(name: string): Promise<void> | undefined {
    const told = this.#toldAbroad.present(name);
    if (told !== undefined) this.flush();
    return told;
  }

  /** Anybody may be here: a gateway has come or gone, and what it said is void. */
  forgetHome(): void {
    for (const pair of this.#pairs.values()) this.#toldAbroad.forget(pair);
    this.generation++;
    for (const pair of this.#pairs.values()) pair.tellGeneration();
  }

  /** Another cell may have anybody by now. */
  onForgotten(): void {
    this.#told.presentAll();
  }

  /** Another cell does not hear, or is another bridge's: it is to believe nothing of before. */
  onUnconfirmed(pair: Pair): void {
    this.#toldAbroad.forget(pair);
    this.generation++;
    for (const each of this.#pairs.values()) each.tellGeneration();
  }

  /** Says, later, whether what was delivered up to now has left. */
  delivered(): () => boolean {
    return this.#parts.home.delivered();
  }

  /** Longest message that NATS takes, in bytes. */
  maxPayload(): number {
    return this.#parts.maxPayload();
  }

  /** Sends a message to a cell. */
  publish(cell: string, kind: Kind, parts: readonly Uint8Array[]): void {
    this.#parts.publish(cell, kind, parts);
  }

  /** Time has passed. */
  tick(): void {
    for (const pair of this.#pairs.values()) pair.tick();
  }

  /** Bytes left for gateways. */
  onWritten(): void {
    for (const pair of this.#pairs.values()) pair.acknowledgeDelivered();
  }

  /** Whether all that was sent is acknowledged. */
  get isSettled(): boolean {
    for (const { unacknowledged } of this.#pairs.values()) {
      if (unacknowledged.frames > 0) return false;
    }
    return true;
  }

  /** This bridge is active no more; tells what became of each cell's frames. */
  close(): Map<string, PairFigures> {
    const figures = new Map<string, PairFigures>();
    for (const [cell, pair] of this.#pairs) figures.set(cell, pair.close());
    this.#pairs.clear();
    return figures;
  }

  /** Adds to figures what became of a cell's frames so far. */
  addFigures(cell: string, sum: PairFigures): void {
    const pair = this.#pairs.get(cell);
    if (pair !== undefined) addFigures(sum, pair.figures);
  }

  /** The streams to and from a cell. */
  pair(cell: string): Pair | undefined {
    return this.#pairs.get(cell);
  }

  #pairOf(cell: string): Pair {
    const known = this.#pairs.get(cell);
    if (known !== undefined) return known;
    const pair = new Pair(cell, this);
    this.#pairs.set(cell, pair);
    // Whoever believes that nobody abroad has a name does not know of this cell.
    this.#told.presentAll();
    return pair;
  }

  #push(pair: Pair, what: CrossingCommand, number: number): boolean {
    const { command, flags, connectionId, buffer, start, end } = what;
    return pair.push(command, flags, connectionId, number, buffer, start, end);
  }

  /** Asks other cells, and tells the caller what they say, and who is silent. */
  #ask(
    { link }: Caller,
    asked: readonly Pair[],
    what: CrossingCommand,
  ): void {
    const { number, timeout = 0 } = what;
    const silent: string[] = [];
    if (what.cell !== undefined && asked.length === 0) {
      silent.push(`cell ${what.cell}`);
    }
    const answers = asked.map((pair) => {
      if (!pair.isReachable) {
        silent.push(`cell ${pair.cell}`);
        if (isSent(what.command)) this.#push(pair, what, 0);
        return undefined;
      }
      const { id, reply: answered } = pair.pending.add(
        timeout + CELL_TIMEOUT,
        (part) => {
          const said = readCellPart(part);
          if ("silent" in said) silent.push(...said.silent);
          else if (link.isOpen) reply(link, number, said, Flag.More);
        },
      );
      this.#push(pair, what, id);
      return answered.catch(() => void silent.push(`cell ${pair.cell}`));
    });
    void Promise.all(answers).then(() => {
      if (link.isOpen) reply(link, number, { silent }, 0);
    });
  }

  #onFrame(
    pair: Pair,
    number: number,
    frames: Uint8Array,
    start: number,
    end: number,
  ): void {
    const header = this.#header;
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
        return this.#deliver(pair, { gateway, names, timeout }, {
          number,
          buffer: frames,
          start: at,
          end,
        });
      }
      default: {
        const hasHead = (header.flags & Flag.Head) !== 0;
        const at = hasHead ? endOfHead(frames, from, end) : from;
        const head = hasHead ? frames.subarray(from + 4, at) : NO_BYTES;
        const names = this.#names.namesOf(header.command, head);
        this.#deliver(pair, { names }, { number, buffer: frames, start, end });
      }
    }
  }

  #onPresent(pair: Pair, bytes: Uint8Array): void {
    const name = decodeName(bytes);
    const { number } = this.#header;
    pair.notePresent(name);
    const answer = () => {
      pair.send(Command.Reply, 0, number, encodeBody(null));
      pair.flush();
    };
    const heard = this.#told.present(name);
    if (heard === undefined) answer();
    else void heard.then(answer);
  }

  /** A command of another cell, in a whole frame, for gateways here. */
  #deliver(
    pair: Pair,
    target: Target,
    frame: { number: number; buffer: Uint8Array; start: number; end: number },
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
    for (const name of target.names) {
      if (home.hasNobody(name)) this.#toldAbroad.absent(name, pair);
    }
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

/** Tells a caller what another cell says. */
function reply(
  link: Caller["link"],
  number: number,
  part: CellPart,
  flags: number,
): void {
  link.send(Command.Reply, 0, number, encodeCellPart(part), flags);
}

/** Tells a caller that cells are silent, since no bridge of this one is active. */
export function refuse(
  link: Caller["link"],
  number: number,
  cells: readonly string[],
): void {
  reply(link, number, { silent: cells.map((cell) => `cell ${cell}`) }, 0);
}

/** Whether a command sends something that is of use later, too. */
function isSent(command: number): boolean {
  return command === Command.SendToUid || command === Command.SendToGroup;
}
