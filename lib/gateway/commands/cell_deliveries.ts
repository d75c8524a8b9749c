import { FrameHeader, HEADER_LENGTH, readHeader } from "../../wire/frame.ts";
import { readDelivered, readDeliveryHead } from "../../wire/bodies/delivery.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** Most streams remembered: other cells, with their shards. The oldest are forgotten first. */
const MAX_STREAMS = 1_000;

/** How far a stream of commands has come. */
interface Progress {
  /** The newest bridge that delivered. */
  deliverer: number;
  /** The newest bridge that numbered. */
  numberer: number;
  /** The last number that was done. */
  done: number;
}

/**
 * Does what comes from other cells, each command once: a bridge that is replaced may
 * have delivered what its successor brings again, and may wake up and bring more.
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
   * Takes a delivery, `buffer[start, end)`. What a bridge says that was replaced is
   * ignored, and so is every command that was done.
   *
   * @throws {ProtocolError} If it is none.
   */
  take(
    link: WorkerLink,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const from = buffer.byteOffset + start;
    const view = new DataView(buffer.buffer, from, end - start);
    const { stream, deliverer, numberer, at } = readDeliveryHead(view);
    const progress = this.#progressOf(stream);
    if (deliverer < progress.deliverer || numberer < progress.numberer) return;
    progress.deliverer = deliverer;
    if (numberer > progress.numberer) {
      progress.numberer = numberer;
      progress.done = 0;
    }
    const header = this.#header;
    readDelivered(view, at, (number, first, last) => {
      if (number <= progress.done) return;
      progress.done = number;
      readHeader(view, first, header);
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
    const progress = { deliverer: 0, numberer: 0, done: 0 };
    this.#streams.set(stream, progress);
    if (this.#streams.size > MAX_STREAMS) {
      for (const oldest of this.#streams.keys()) {
        this.#streams.delete(oldest);
        break;
      }
    }
    return progress;
  }
}
