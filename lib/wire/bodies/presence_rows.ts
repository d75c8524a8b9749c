/**
 * Who is where, as gateways and the worker that is responsible for a name tell each
 * other: users, each with what was told of it.
 *
 * @module
 */
import { decodeBody, encodeBody } from "../body.ts";
import { listOf, numberOf, textOf, wrong } from "./presence_columns.ts";

/** How far handlers have been told that a user is there. */
export const Phase = {
  /** Not at all. */
  Untold: 0,
  /** A `join` is about to be raised, or was, and is not known to be handled. */
  Joining: 1,
  /** Its `join` was handled. */
  Joined: 2,
  /** A `leave` is about to be raised, or was, and is not known to be handled. */
  Leaving: 3,
} as const;

/** One of the numbers in {@linkcode Phase}. */
export type Phase = typeof Phase[keyof typeof Phase];

/** A user of a name. */
export interface PresenceRow {
  /** Its uid. */
  readonly uid: string;
  /** Its clients: those of the gateway that says so, or, if the worker does, all. */
  readonly tabs: number;
  /** Those of them that are not away. */
  readonly attached: number;
  /** What was told of it. */
  readonly phase: Phase;
  /** Counts its joins and leaves: a later one has a higher turn. */
  readonly turn: number;
  /** What it says of itself, as JSON; empty if nothing, `undefined` if there is no news. */
  readonly state: string | undefined;
  /** Counts the states. */
  readonly edition: number;
  /** Whether it has left on purpose, and is not waited for. */
  readonly hasLeft: boolean;
}

/** What a block is. */
export const BlockKind = {
  /** Of what is not named, nothing has changed. */
  Difference: 0,
  /** Part of a whole. */
  Part: 1,
  /** Its first one: what was said before does not count. */
  First: 2,
  /** Its last one. */
  Last: 4,
} as const;

/** Users of one name. */
export interface PresenceBlock {
  /** The group, behind `g`, or the uid, behind `u`. */
  readonly name: string;
  /** Bits of {@linkcode BlockKind}. */
  readonly kind: number;
  /**
   * Which worker's word it is, or follows from: the whole part counts how often the name
   * was taken over, the rest tells two apart who did so at once. 0 if none has spoken.
   */
  readonly epoch: number;
  /** Counts what that worker has told of the name. */
  readonly count: number;
  /** Clients without a uid: those of the gateway that says so, or, if the worker does, all. */
  readonly guests: number;
  /** Users. */
  readonly rows: readonly PresenceRow[];
}

/** Encodes blocks as the payload of a frame. */
export function encodeBlocks(
  blocks: readonly PresenceBlock[],
): Uint8Array<ArrayBuffer> {
  return encodeBody(
    blocks.map(({ name, kind, epoch, count, guests, rows }) => [
      name,
      kind,
      epoch,
      count,
      guests,
      rows.map(columnsOf),
    ]),
  );
}

/**
 * Divides blocks so that no frame has many more rows than it may.
 *
 * @param size How many it may have; one block may have more.
 */
export function* inFrames(
  blocks: readonly PresenceBlock[],
  size: number,
): Generator<readonly PresenceBlock[]> {
  let some: PresenceBlock[] = [];
  let rows = 0;
  for (const block of blocks) {
    if (rows > 0 && rows + block.rows.length > size) {
      yield some;
      some = [];
      rows = 0;
    }
    some.push(block);
    rows += block.rows.length;
  }
  if (some.length > 0) yield some;
}

/**
 * Decodes blocks.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeBlocks(bytes: Uint8Array): PresenceBlock[] {
  return listOf(decodeBody(bytes)).map((block) => {
    const [name, kind, epoch, count, guests, rows] = listOf(block);
    return {
      name: textOf(name),
      kind: countOf(kind),
      epoch: countOf(epoch),
      count: countOf(count),
      guests: countOf(guests),
      rows: listOf(rows).map(readRow),
    };
  });
}

function columnsOf(
  { uid, tabs, attached, phase, turn, state, edition, hasLeft }: PresenceRow,
): unknown[] {
  const facts = [uid, tabs, attached, phase, turn];
  if (hasLeft) return [...facts, state ?? null, edition, 1];
  return state === undefined ? facts : [...facts, state, edition];
}

function readRow(value: unknown): PresenceRow {
  const [uid, tabs, attached, phase, turn, state, edition, hasLeft] = listOf(
    value,
  );
  return {
    uid: textOf(uid),
    tabs: countOf(tabs),
    attached: countOf(attached),
    phase: phaseOf(phase),
    turn: countOf(turn),
    state: state === undefined || state === null ? undefined : textOf(state),
    edition: edition === undefined ? 0 : countOf(edition),
    hasLeft: hasLeft === 1,
  };
}

function phaseOf(value: unknown): Phase {
  const phase = countOf(value);
  if (phase > Phase.Leaving) throw wrong("a phase");
  return phase as Phase;
}

function countOf(value: unknown): number {
  const number = numberOf(value);
  if (number >= 0) return number;
  throw wrong("a number that is not negative");
}
