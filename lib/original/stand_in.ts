import { concat } from "../base/concat.ts";
import { closeQuietly } from "../base/close_quietly.ts";
import { messageOf } from "../base/errors.ts";
import { NO_BYTES } from "../base/no_bytes.ts";
import { roomLogger } from "../observe/logger.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { Command } from "../wire/command.ts";
import {
  endOfHead,
  Flag,
  FrameDecoder,
  type FrameHeader,
  type FrameSink,
} from "../wire/frame.ts";
import { Arrivals } from "./arrivals.ts";
import { Calls } from "./calls.ts";
import type { CommandLine } from "./command_line.ts";
import { FrameQueue } from "./frame_queue.ts";
import type { KnownClient } from "./known_client.ts";
import { select } from "./select.ts";
import { UnfinishedEvents } from "./unfinished_events.ts";

const logger = roomLogger("original");

const READ_LENGTH = 65_536;

/** Where events come from; it can be told that no more are wanted. */
export interface EventStream extends ByteStream {
  /** Ends this side alone. */
  closeWrite(): Promise<void>;
}

/** What a stand-in works with. */
export interface StandInOptions {
  /** Where the gateway is told and asked everything. */
  readonly line: CommandLine;
  /** Where its events come from; none come for a program that only calls the cluster. */
  readonly events: EventStream | undefined;
  /** The clients that are known, from link to link. */
  readonly clients: Map<number, KnownClient>;
  /** Those of them that went while there was no link. */
  readonly gone: ReadonlyMap<number, KnownClient>;
  /** What the clients' ids begin with. */
  readonly gatewayId: string;
  /** Where the gateway is, `ip:port`. */
  readonly address: string;
  /** Bytes of events that nobody has handled from which on no more are read. */
  readonly window: number;
}

/**
 * Speaks to a link as a gateway of ours would, in place of one of the original: the
 * link's frames become packets, and packets become frames.
 */
export class StandIn implements ByteStream, FrameSink {
  readonly #options: StandInOptions;
  readonly #frames = new FrameQueue();
  readonly #decoder = new FrameDecoder(this);
  readonly #unfinished: UnfinishedEvents;
  readonly #arrivals: Arrivals;
  readonly #calls: Calls;
  #rest: Uint8Array = NO_BYTES;
  #isDraining = false;
  #isClosed = false;

  /** Begins to read events, if there are any. */
  constructor(options: StandInOptions) {
    const { line, clients, gatewayId, events, gone } = options;
    this.#options = options;
    this.#unfinished = new UnfinishedEvents(options.window);
    this.#calls = new Calls({
      line,
      clients,
      gatewayId,
      frames: this.#frames,
    });
    this.#arrivals = new Arrivals({
      frames: this.#frames,
      clients,
      gatewayId,
      askUid: async (id) => {
        const [client] = await select(line, { connections: [id] });
        return client?.uid;
      },
      onTold: (bytes) => this.#unfinished.add(bytes),
    });
    void this.#watchLine(line);
    this.#arrivals.close(gone);
    if (events !== undefined) void this.#readEvents(events);
  }

  /** Reads frames. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.#frames.read(buffer);
  }

  /** Takes frames; resolves when the gateway has been told what they say. */
  async write(bytes: Uint8Array): Promise<number> {
    const all = this.#rest.length === 0 ? bytes : concat(this.#rest, bytes);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    const end = this.#decoder.push(all, view, 0, all.length);
    this.#rest = all.slice(end);
    await this.#options.line.flush();
    return bytes.length;
  }

  /** Ends both connections. */
  close(): void {
    const { line, events } = this.#options;
    this.#isClosed = true;
    this.#arrivals[Symbol.dispose]();
    this.#unfinished.end();
    line.close();
    if (events !== undefined) closeQuietly(events);
    this.#frames.end();
  }

  /** A frame of the link's came. */
  onFrame(
    { command, flags, connectionId, number }: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    switch (command) {
      case Command.Ping:
        return void this.#ping(number);
      case Command.Acknowledge:
        return this.#unfinished.acknowledge(connectionId, number);
      case Command.Defer:
        return this.#unfinished.defer(connectionId, number);
      case Command.Release:
        return this.#unfinished.release(connectionId, number);
      case Command.Drain:
        return void this.#drain();
      case Command.Bye:
        return void this.#leave();
      case Command.Reply:
        return;
    }
    const at = (flags & Flag.Head) === 0
      ? start
      : endOfHead(buffer, start, end);
    const head = at === start ? NO_BYTES : buffer.subarray(start + 4, at);
    const payload = buffer.subarray(at, end);
    this.#calls.take({
      command,
      connectionId,
      id: number,
      flags,
      head,
      payload,
    });
  }

  /** Whether the gateway is alive says only the gateway. */
  async #ping(number: number): Promise<void> {
    try {
      await this.#options.line.isOnline();
      this.#frames.push({ command: Command.Pong, number });
    } catch {
      // The line is over, and so is the link.
    }
  }

  /**
   * The original cannot be asked to send nothing new. But once one side of the
   * connection is closed it routes to others, and all that it has written still comes.
   */
  async #drain(): Promise<void> {
    const { events } = this.#options;
    this.#isDraining = true;
    if (events === undefined) {
      return void this.#frames.push({ command: Command.Drained });
    }
    try {
      await events.closeWrite();
    } catch {
      // It has ended already.
    }
  }

  /** The link says goodbye: what it said before is to be heard first. */
  async #leave(): Promise<void> {
    try {
      await this.#options.line.isOnline();
    } catch {
      // The gateway went first.
    }
    this.#frames.end();
  }

  async #watchLine(line: CommandLine): Promise<void> {
    try {
      await line.closed;
    } catch (error) {
      this.#warn(error);
    }
    this.#frames.end();
  }

  async #readEvents(events: EventStream): Promise<void> {
    const buffer = new Uint8Array(READ_LENGTH);
    try {
      while (true) {
        await this.#unfinished.room();
        // What waits for an answer counts for nothing yet.
        await this.#arrivals.settled();
        const count = await events.read(buffer);
        if (count === null) break;
        this.#arrivals.push(buffer.subarray(0, count));
      }
    } catch (error) {
      if (!this.#isClosed) this.#warn(error);
    }
    await this.#arrivals.settled();
    if (this.#isDraining) this.#frames.push({ command: Command.Drained });
    else this.#frames.end();
  }

  #warn(error: unknown): void {
    logger.warn("Ended link with gateway {address} of the original: {reason}", {
      address: this.#options.address,
      reason: messageOf(error),
    });
  }
}
