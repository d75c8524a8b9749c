import { Command } from "../../wire/command.ts";
import { encodeFailure } from "../../wire/failure.ts";
import {
  Flag,
  FrameHeader,
  HEADER_LENGTH,
  readHeader,
} from "../../wire/frame.ts";
import {
  type DeliveredNumbers,
  readDelivered,
  readDeliveryHead,
} from "../../wire/bodies/delivery.ts";
import { isAfter } from "../../wire/bodies/origin.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** Most streams remembered: other cells, with their shards. The oldest are forgotten first. */
const MAX_STREAMS = 1_000;

/** Most origins remembered of a stream: workers and programs, or pushes. The oldest are forgotten first. */
const MAX_ORIGINS = 20_000;

/** How far a stream of commands has come. */
interface Progress {
  /** The newest bridge that delivered. */
  deliverer: number;
  /** The newest bridge that numbered. */
  numberer: number;
  /** The last number that was done. */
  done: number;
  /** The last number of each origin that was done. */
  readonly origins: Map<number, number>;
}

/** Why a bridge that wants an answer gets none. */
const DONE_BEFORE = encodeFailure(
  new TypeError(
    "Cannot do a command of another cell: it was done before, or another bridge is active by now",
  ),
);

/**
 * Does what comes from other cells, each command once: a bridge that is replaced may
 * have delivered what its successor brings again, and may wake up and bring more; and
 * whoever sent it sends it again where the bridge of its cell is lost.
 */
export class CellDeliveries {
  readonly #dispatcher: Pick<Dispatcher, "onCommand">;
  readonly #streams = new Map<string, Progress>();
  readonly #header = new FrameHeader();

  /** @param dispatcher Does commands. */
  constructor(dispatcher: Pick<Dispatcher, "onCommand">) {
    this.#dispatcher = dispatcher;
  }

  /**
   * Takes a delivery, `buffer[start, end)`. What a bridge says that was replaced is not
   * done, nor is any command that was; if it wants an answer, that is a failure.
   *
   * @param command `Deliver` or `DeliverOnce`.
   * @throws {ProtocolError} If it is none.
   */
  take(
    link: WorkerLink,
    command: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const from = buffer.byteOffset + start;
    const view = new DataView(buffer.buffer, from, end - start);
    const { stream, deliverer, numberer, at } = readDeliveryHead(view);
    const progress = this.#progressOf(stream);
    const isStale = deliverer < progress.deliverer ||
      numberer < progress.numberer;
    if (!isStale) {
      progress.deliverer = deliverer;
      if (numberer > progress.numberer) {
        progress.numberer = numberer;
        progress.done = 0;
      }
    }
    const header = this.#header;
    const hasOrigins = command === Command.DeliverOnce;
    readDelivered(view, at, hasOrigins, (numbers, first, last) => {
      readHeader(view, first, header);
      if (isStale || !isNew(progress, numbers)) return refuse(link, header);
      this.#dispatcher.onCommand(
        link,
        header,
        buffer,
        start + first + HEADER_LENGTH,
        start + last,
      );
    });
  }

  #progressOf(stream: string): Progress {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const origins = new Map<number, number>();
    const progress = { deliverer: 0, numberer: 0, done: 0, origins };
    this.#streams.set(stream, progress);
    if (this.#streams.size > MAX_STREAMS) forgetOldest(this.#streams);
    return progress;
  }
}

/** Hot: whether a command was not done; it counts as done then. */
function isNew(
  progress: Progress,
  { number, origin, originNumber }: DeliveredNumbers,
): boolean {
  if (number <= progress.done) return false;
  progress.done = number;
  if (origin === 0) return true;
  const { origins } = progress;
  const last = origins.get(origin);
  if (last !== undefined && !isAfter(originNumber, last)) return false;
  origins.set(origin, originNumber);
  if (origins.size > MAX_ORIGINS) forgetOldest(origins);
  return true;
}

function refuse({ link }: WorkerLink, { number }: FrameHeader): void {
  if (number === 0) return;
  link.send(Command.Reply, 0, number, DONE_BEFORE, Flag.Failed);
}

function forgetOldest(map: Map<unknown, unknown>): void {
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
