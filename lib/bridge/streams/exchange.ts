/**
 * Hot: one shard for which a bridge is active: what nodes of its cell send goes to the
 * other cells, and what comes from those to the gateways here.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { type Flushable, flushSoon } from "../../base/flush_soon.ts";
import { Interest } from "../../link/interest.ts";
import { Kind } from "../../nats/seal.ts";
import {
  type CellPart,
  encodeCellPart,
  readCellPart,
} from "../../wire/bodies/crossing.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import { Arrivals } from "./arrivals.ts";
import { AskedNames } from "./asked_names.ts";
import type { CellMessage } from "./cell_message.ts";
import { Confirmations } from "./confirmations.ts";
import type { Caller, CrossingCommand } from "../home/crossing_command.ts";
import { addFigures, noFigures, type PairFigures } from "./figures.ts";
import type { Home } from "../home/home.ts";
import { Pair, type PairOwner } from "./pair.ts";
import type { Accepted } from "../home/verbs.ts";

/** Milliseconds that another cell has to answer. */
const CELL_TIMEOUT = 4_000;

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
  readonly #asked: AskedNames;
  readonly #arrivals: Arrivals;
  readonly #confirmations: Confirmations;
  #isFlushWanted = false;
  /** What this cell said of absent names before this is void. */
  generation = 1;

  /** No other cell is known yet. */
  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#asked = new AskedNames(parts.home, this.#toldAbroad);
    this.#confirmations = new Confirmations(parts.shard);
    const [told, asked] = [this.#told, this.#asked];
    this.#arrivals = new Arrivals({ ...parts, told, asked });
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
    this.#asked.forget(pair);
    return pair.close();
  }

  /** A worker or program is gone. */
  forgetCaller(caller: Caller): void {
    this.#told.forget(caller);
    this.#confirmations.forget(caller);
  }

  /** Hot: a command of this cell's is to cross. */
  cross(caller: Caller, what: CrossingCommand): void {
    const { number, names } = what;
    this.#touch();
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
    if (what.origin !== 0) this.#confirmations.note(caller, what.connectionId);
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
    try {
      pair.take(message, frames, (number, start, end) => {
        this.#arrivals.take(pair, number, frames, start, end);
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
    if (message.kind === Kind.Ack) this.#confirm();
    this.flush();
  }

  /** A gateway has nobody of a name: cells that have sent something for it are to know. */
  absent(name: string): void {
    if (this.#asked.absent(name)) this.#touch();
  }

  /** Somebody here has a name now; what it returns is waited for. */
  present(name: string): Promise<unknown> | undefined {
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

  /** Asks other cells how far they have come, though this bridge was replaced. */
  probe(): void {
    for (const pair of this.#pairs.values()) pair.probe();
  }

  /** One of them has said so. */
  takeLastWord(message: CellMessage): void {
    this.#pairs.get(message.cell)?.takeLastWord(message);
  }

  /** Time has passed. */
  tick(): void {
    for (const pair of this.#pairs.values()) pair.tick();
    this.#confirm();
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

  #touch(): void {
    if (this.#isFlushWanted) return;
    this.#isFlushWanted = true;
    flushSoon(this);
  }

  #confirm(): void {
    this.#confirmations.advance(this.#pairs.values());
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
    const { command, flags, origin, connectionId, buffer, start, end } = what;
    return pair.push(
      command,
      flags,
      origin,
      connectionId,
      number,
      buffer,
      start,
      end,
    );
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
