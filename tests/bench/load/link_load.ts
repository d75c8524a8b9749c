/**
 * The near end of a link: keeps a gateway's window of events under way.
 *
 * Hot: `onFrame` and `#fill` run for every batch of frames.
 *
 * @module
 */
import { Command } from "../../../lib/wire/command.ts";
import { type FrameHeader, HEADER_LENGTH } from "../../../lib/wire/frame.ts";
import { Link } from "../../../lib/link/link.ts";
import type { LinkOwner } from "../../../lib/link/link_owner.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import { connect } from "./dial.ts";
import { Histogram } from "./histogram.ts";
import { noFaults } from "./lane.ts";
import type { LoadOptions, LoadTarget } from "./load_options.ts";
import type { LoadResult } from "./load_result.ts";
import { pause, Stopwatch } from "./stopwatch.ts";

/** Bytes of events that are not acknowledged, as gateways have it by default. */
const WINDOW = 1_048_576;

/** Sends events of one size as fast as they are acknowledged. */
class Source implements LinkOwner {
  readonly #link: Link;
  readonly #payload: Uint8Array;
  /** Events that were acknowledged. */
  done = 0;
  /** Whether the link ended. */
  isLost = false;

  constructor(conn: Deno.Conn, size: number) {
    const names = {
      name: "",
      instance: "",
      address: "",
      version: LINK_VERSIONS.highest,
    };
    this.#link = new Link(conn, { role: "worker", ...names }, this, {
      keepFrames: false,
      gatherWithin: 0,
    });
    this.#payload = new Uint8Array(size - HEADER_LENGTH).fill(122);
  }

  start(): void {
    this.#link.start();
    this.#fill();
  }

  close(): void {
    this.#link.destroy();
  }

  onFrame({ command, connectionId, number }: FrameHeader): void {
    if (command !== Command.Acknowledge) return;
    this.done = connectionId * 2 ** 32 + number;
    this.#link.log.acknowledge(this.done);
    this.#fill();
  }

  onClosed(): void {
    this.isLost = true;
  }

  #fill(): void {
    const { log } = this.#link;
    const { length } = this.#payload;
    while (log.outstandingBytes < WINDOW) {
      log.appendMessage(Command.Message, 0, 1, 1, this.#payload, 0, length);
    }
    this.#link.touch();
  }
}

/** Sends events of `size` bytes, header included, over one link, and counts them. */
export async function runLink(
  load: LoadOptions,
  { addresses, watched }: LoadTarget,
): Promise<LoadResult> {
  if (load.size <= HEADER_LENGTH) {
    throw new RangeError(
      `Cannot load a link as --size must be > ${HEADER_LENGTH}: current value is ${load.size}`,
    );
  }
  const source = new Source(await connect(addresses[0] ?? ""), load.size);
  source.start();
  await pause(load.warmup);
  const stopwatch = new Stopwatch(watched);
  const before = source.done;
  await pause(load.seconds);
  const lap = stopwatch.read();
  const delivered = source.done - before;
  const faults = { ...noFaults(), disconnected: source.isLost ? 1 : 0 };
  source.close();
  return {
    load,
    ...lap,
    sent: delivered,
    delivered,
    perSecond: delivered / lap.seconds,
    faults,
    latency: new Histogram().summary(),
  };
}
