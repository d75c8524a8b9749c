import { now } from "../../base/clock.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { joined } from "../../base/joined.ts";
import { LengthDecoder } from "../../php/length_decoder.ts";
import { encodePacket, PhpCommand } from "../../php/packet.ts";
import type { ByteStream } from "../../peer/byte_stream.ts";
import { Command, isEvent } from "../../wire/command.ts";
import {
  endOfHead,
  Flag,
  FrameHeader,
  HEADER_LENGTH,
  MAX_FRAME,
  readHeader,
  writeHeader,
} from "../../wire/frame.ts";
import type { PhpEvents } from "./php_events.ts";

/** How often a link is told that a worker is there which takes no bytes, in milliseconds. */
const PATIENCE_INTERVAL = 5_000;

/** How long a worker may take no bytes: it does one thing at a time, and may wait for others. */
const PATIENCE = 60_000;

/**
 * Milliseconds: what a worker was handed so long before it was gone, or up to twice as
 * long, it may not have come to.
 */
const RECENT = 1_000;

/** What an {@linkcode EventStream} is made of. */
export interface EventStreamParts {
  /** Writes packets. */
  readonly events: PhpEvents;
  /** Sends bytes to the worker; resolves when the system has taken them. */
  send(bytes: Uint8Array): Promise<void>;
  /** The gateway ends the link. */
  close(): void;
  /** So many events were handed over. */
  onHanded(count: number): void;
  /** Whether the worker is to be pinged, as the original does on networks. */
  readonly pings: boolean;
}

/**
 * Stands between a link of ours and a worker of the original, as if that worker spoke our
 * protocol: frames become packets, and an event is acknowledged when the system has taken
 * its packet, since nothing more will ever be known of it. So all that a gateway does
 * with its workers, windows and redelivery among it, is the same for these.
 */
export class EventStream implements ByteStream {
  readonly #parts: EventStreamParts;
  readonly #frames = new LengthDecoder({
    what: "frame",
    uncounted: 0,
    min: HEADER_LENGTH,
    max: MAX_FRAME,
  });
  readonly #header = new FrameHeader();
  /** What the link is going to read. */
  #incoming: Uint8Array = NO_BYTES;
  #isEnded = false;
  #wake: (() => void) | undefined;
  /** Events that were handed over. */
  #handed = 0;
  /** When a second began, how many since, and how many in the one before. */
  #second = { began: 0, handed: 0, before: 0 };
  readonly #timer: ReturnType<typeof setInterval>;
  #writingSince = 0;

  /** The stream is good at once. */
  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => this.#vouch(), PATIENCE_INTERVAL);
  }

  /** Events handed over so shortly before now that the worker may not have come to them. */
  get recent(): number {
    this.#count(0);
    return this.#second.handed + this.#second.before;
  }

  /** Gives the link what the worker would say. */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#incoming.length === 0) {
      if (this.#isEnded) return null;
      await new Promise<void>((wake) => this.#wake = wake);
    }
    const part = this.#incoming.subarray(0, buffer.length);
    buffer.set(part);
    this.#incoming = this.#incoming.subarray(part.length);
    return part.length;
  }

  /** Takes frames from the link; resolves when the worker's system has their packets. */
  async write(bytes: Uint8Array): Promise<number> {
    const packets: Uint8Array[] = [];
    let count = 0;
    let isLast = false;
    for (const frame of this.#frames.push(bytes)) {
      const command = this.#take(frame, packets);
      if (isEvent(command)) count++;
      isLast ||= command === Command.Bye;
    }
    await this.#send(packets);
    if (count > 0) this.#acknowledge(count);
    if (isLast) this.#parts.close();
    return bytes.length;
  }

  /** Ends it: the link reads no more. */
  close(): void {
    this.end();
    this.#parts.close();
  }

  /**
   * The worker is gone. What was not handed over is not its fault: it leaves, as a
   * worker of ours does.
   */
  end(): void {
    if (this.#isEnded) return;
    clearInterval(this.#timer);
    this.#feed(Command.Drain);
    this.#isEnded = true;
    this.#wake?.();
  }

  async #send(packets: readonly Uint8Array[]): Promise<void> {
    if (packets.length === 0) return;
    this.#writingSince = now();
    await this.#parts.send(joined(packets));
    this.#writingSince = 0;
  }

  /** Translates one frame; returns its command. */
  #take(frame: Uint8Array, packets: Uint8Array[]): number {
    const header = this.#header;
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    readHeader(view, 0, header);
    const { command, flags, connectionId } = header;
    if (isEvent(command)) {
      const hasHead = (flags & Flag.Head) !== 0;
      const start = hasHead
        ? endOfHead(frame, HEADER_LENGTH, frame.length)
        : HEADER_LENGTH;
      const payload = frame.subarray(start);
      packets.push(
        ...this.#parts.events.packets(command, connectionId, payload),
      );
    } else if (command === Command.Ping) {
      this.#feed(Command.Pong, 0, header.number);
      if (this.#parts.pings) {
        packets.push(encodePacket({ command: PhpCommand.Ping }));
      }
    }
    return command;
  }

  #acknowledge(count: number): void {
    this.#handed += count;
    this.#parts.onHanded(count);
    this.#count(count);
    const upper = Math.floor(this.#handed / 0x1_0000_0000);
    const lower = this.#handed % 0x1_0000_0000;
    // Not before the link knows that the write is over.
    queueMicrotask(() => this.#feed(Command.Acknowledge, upper, lower));
  }

  #count(handed: number): void {
    const time = now();
    const { began, handed: before } = this.#second;
    const passed = time - began;
    if (passed >= RECENT) {
      const isNext = passed < 2 * RECENT;
      this.#second = { began: time, handed: 0, before: isNext ? before : 0 };
    }
    this.#second.handed += handed;
  }

  /** A worker that waits for something takes no bytes, and is there all the same. */
  #vouch(): void {
    const isWaiting = this.#writingSince > 0 &&
      now() - this.#writingSince < PATIENCE;
    if (isWaiting) this.#feed(Command.Pong);
  }

  #feed(command: number, connectionId = 0, number = 0): void {
    if (this.#isEnded) return;
    const { length } = this.#incoming;
    const incoming = new Uint8Array(length + HEADER_LENGTH);
    incoming.set(this.#incoming);
    const view = new DataView(incoming.buffer);
    writeHeader(view, length, HEADER_LENGTH, command, 0, connectionId, number);
    this.#incoming = incoming;
    this.#wake?.();
  }
}
