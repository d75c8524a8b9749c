/**
 * The memory that a large group takes, of the structures that gateways and workers have,
 * filled by what comes over a link. Needs `--v8-flags=--expose-gc`.
 *
 * @module
 */
import { NameCopy } from "../../../lib/gateway/presence/name_copy.ts";
import {
  BlockKind,
  decodeBlocks,
  encodeBlocks,
  Phase,
  type PresenceBlock,
  type PresenceRow,
} from "../../../lib/wire/bodies/presence_rows.ts";
import { Roll } from "../../../lib/worker/presence/roll.ts";

/** Rows of a frame. */
const ROWS = 2_000;

/** What something takes. */
export interface Taken {
  readonly what: string;
  readonly bytes: number;
}

function collect(): void {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) {
    throw new TypeError(
      "Cannot measure memory without --v8-flags=--expose-gc: use deno task bench:presence",
    );
  }
  gc();
  gc();
}

/** Bytes of the heap that something takes, and itself, so that it is there till then. */
function measure<T>(make: () => T): { bytes: number; made: T } {
  collect();
  const before = Deno.memoryUsage().heapUsed;
  const made = make();
  collect();
  return { bytes: Deno.memoryUsage().heapUsed - before, made };
}

/** Frames in which somebody says of so many users that they are there. */
function frames(users: number, phase: Phase): Uint8Array[] {
  const made: Uint8Array[] = [];
  for (let from = 0; from < users; from += ROWS) {
    const rows = Array.from({ length: ROWS }, (_, i): PresenceRow => ({
      uid: `user-${from + i}`,
      tabs: 1,
      attached: 1,
      phase,
      turn: from + i + 1,
      state: JSON.stringify({ status: "here" }),
      edition: 1,
      hasLeft: false,
    }));
    const isFirst = from === 0;
    const isLast = from + ROWS >= users;
    const kind = BlockKind.Part | (isFirst ? BlockKind.First : 0) |
      (isLast ? BlockKind.Last : 0);
    const epoch = 1;
    made.push(
      encodeBlocks([{
        name: "gcrowd",
        kind,
        epoch,
        count: 1,
        guests: 0,
        rows,
      }]),
    );
  }
  return made;
}

function fill(
  users: number,
  phase: Phase,
  take: (block: PresenceBlock) => void,
): void {
  for (const frame of frames(users, phase)) {
    for (const block of decodeBlocks(frame)) take(block);
  }
}

/** What a group of so many users takes. */
export function memoryOf(users: number): Taken[] {
  const copy = measure(() => {
    const made = new NameCopy();
    fill(users, Phase.Joined, (block) => made.take(block));
    return made;
  });
  const source = {};
  const roll = measure(() => {
    const made = new Roll("gcrowd", 5_000);
    fill(users, Phase.Joined, (block) => made.take(source, block, 0));
    made.activate(0, false);
    return made;
  });
  if (copy.made.users !== users || roll.made.users !== users) {
    throw new TypeError("Cannot measure memory as not all users are there");
  }
  return [
    { what: "each gateway's copy", bytes: copy.bytes },
    { what: "the worker that answers", bytes: roll.bytes },
  ];
}
