/**
 * Hot: an authenticated connection between two roles, after the handshake.
 *
 * @module
 */
import { NO_BYTES } from "../base/no_bytes.ts";
import { now } from "../base/clock.ts";
import { messageOf, ProtocolError } from "../base/errors.ts";
import { type Flushable, flushSoon } from "../base/flush_soon.ts";
import { endsWithin } from "../base/pause.ts";
import { roomLogger } from "../observe/logger.ts";
import { decodeBody } from "../wire/body.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { Command } from "../wire/command.ts";
import { encodeText } from "../wire/decoded_text.ts";
import { decodeFailure } from "../wire/failure.ts";
import {
  Flag,
  type FrameHeader,
  type FrameSink,
  frameTooLong,
  MAX_BODY,
} from "../wire/frame.ts";
import { FrameLog } from "../wire/frame_log.ts";
import { readFrames } from "../wire/frame_reader.ts";
import { Gathering } from "./gathering.ts";
import type { LinkedPeer } from "./linked_peer.ts";
import { Liveness } from "./liveness.ts";
import type { LinkOptions, LinkOwner } from "./link_owner.ts";
import { Pending } from "./pending.ts";

const logger = roomLogger("link");

/** How long a closing link may take to write what is queued, in milliseconds. */
const CLOSE_TIMEOUT = 5_000;

/** Milliseconds that a peer may take no byte before nobody waits for it any more. */
export const STALL_TIMEOUT = 1_000;

/** Part of what may wait above which whoever makes more of it should wait. */
const HIGH_PART = 16;

/** Bytes that a text may take to be encoded where it leaves from. */
const MAX_IN_PLACE = 1_048_576;

/** One long-lived connection to another role; framing, batching, queries, liveness. */
export class Link implements Flushable, FrameSink {
  readonly #conn: ByteStream;
  readonly #owner: LinkOwner;
  readonly #keepFrames: boolean;
  readonly #maxWaiting: number;
  readonly #closed = Promise.withResolvers<void>();
  #state: "open" | "closing" | "closed" = "open";
  readonly #gathering: Gathering;
  #isFlushWanted = false;
  /** When the write in flight began; 0 if there is none. */
  #writingSince = 0;
  /** Whether what still comes is for nobody: the peer said Bye, or the link is gone. */
  #isDeaf = false;
  #lingerTimer: ReturnType<typeof setTimeout> | undefined;
  /** Who is at the other end. */
  readonly peer: LinkedPeer;
  /** Outgoing frames. Append, then call {@linkcode Link.touch}. */
  readonly log: FrameLog = new FrameLog();
  /** Bytes above which {@linkcode Link.isHigh} is so. */
  readonly highBytes: number;
  /** Its signs of life. */
  readonly liveness: Liveness = new Liveness();
  /** Queries that wait for replies. */
  readonly pending: Pending;

  /**
   * @param conn A connection on which the handshake is done.
   * @param peer Who is at the other end.
   * @param owner Who is told.
   * @param options How bytes are treated.
   */
  constructor(
    conn: ByteStream,
    peer: LinkedPeer,
    owner: LinkOwner,
    options: LinkOptions,
  ) {
    this.#conn = conn;
    this.#owner = owner;
    this.#keepFrames = options.keepFrames;
    this.#maxWaiting = options.maxWaiting ?? Infinity;
    this.highBytes = this.#maxWaiting / HIGH_PART;
    this.#gathering = new Gathering(
      options.gatherWithin,
      () => this.flush(),
    );
    this.peer = peer;
    this.pending = new Pending(peer.address);
  }

  /** Resolves when the link is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Whether frames can be sent. */
  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Whether all that was appended has been handed to the operating system. */
  get isFlushed(): boolean {
    return this.log.pendingBytes === 0;
  }

  /** Hot: whether more waits to be written than may. */
  get isFull(): boolean {
    return this.log.pendingBytes > this.#maxWaiting;
  }

  /** Hot: whether so much waits to be written that whoever makes more should wait. */
  get isHigh(): boolean {
    return this.log.pendingBytes > this.highBytes;
  }

  /** Whether there are bytes to write, and none was taken for {@linkcode STALL_TIMEOUT}. */
  get isStalled(): boolean {
    const since = this.#writingSince;
    return since > 0 && now() - since >= STALL_TIMEOUT;
  }

  /** Whether nothing was heard of the peer between the last two heartbeats. */
  get isSilent(): boolean {
    return this.liveness.missed > 0;
  }

  /** Begins to read; returns at once. */
  start(): void {
    void this.#read();
  }

  /** Asks for a flush when the current batch is over. */
  touch(): void {
    if (this.#isFlushWanted) return;
    this.#isFlushWanted = true;
    flushSoon(this);
  }

  /**
   * Sends a frame whose body is the payload.
   *
   * @throws {RangeError} If no peer would accept a frame that long.
   */
  send(
    command: number,
    connectionId: number,
    number: number,
    payload: Uint8Array = NO_BYTES,
    flags = 0,
  ): void {
    if (payload.length > MAX_BODY) throw frameTooLong(payload.length);
    this.log.append(
      command,
      flags,
      connectionId,
      number,
      payload,
      0,
      payload.length,
    );
    this.touch();
  }

  /**
   * Sends a frame with a CBOR head.
   *
   * @throws {RangeError} If no peer would accept a frame that long.
   */
  sendHeaded(
    command: number,
    connectionId: number,
    number: number,
    head: Uint8Array,
    payload: Uint8Array = NO_BYTES,
    flags = 0,
  ): void {
    const length = 4 + head.length + payload.length;
    if (length > MAX_BODY) throw frameTooLong(length);
    this.log.appendHeaded(command, flags, connectionId, number, head, payload);
    this.touch();
  }

  /**
   * Sends a frame whose payload is a text or bytes, behind a CBOR head if there is one.
   *
   * @throws {RangeError} If no peer would accept a frame that long.
   */
  sendMessage(
    command: number,
    connectionId: number,
    number: number,
    message: string | Uint8Array,
    flags = 0,
    head: Uint8Array = NO_BYTES,
  ): void {
    if (typeof message !== "string") {
      this.#owner.beforeMessage?.();
      return head.length === 0
        ? this.send(command, connectionId, number, message, flags)
        : this.sendHeaded(command, connectionId, number, head, message, flags);
    }
    // The log makes room for three bytes for each UTF-16 code unit.
    if (head.length + 3 * message.length > MAX_IN_PLACE) {
      // To encode a giant takes seconds, and memory of its size.
      if (message.length > MAX_BODY) throw frameTooLong(message.length);
      const bytes = encodeText(message);
      this.sendMessage(command, connectionId, number, bytes, flags, head);
      return;
    }
    this.#owner.beforeMessage?.();
    this.log.appendText(command, flags, connectionId, number, message, head);
    this.touch();
  }

  /** Starts a write if there are bytes and none is in flight. */
  flush(): void {
    this.#isFlushWanted = false;
    if (this.#writingSince > 0 || this.#state === "closed") return;
    if (this.#state === "open") {
      if (this.#gathering.isUnderWay(this.log)) return;
      this.#owner.beforeWrite?.();
    }
    const bytes = this.log.startWrite();
    if (bytes === undefined) {
      if (this.#isDeaf) this.destroy();
      return;
    }
    this.#writingSince = now();
    this.#conn.write(bytes).then(this.#onWritten, this.#onFailed);
  }

  /**
   * Writes what is queued and says so; the peer then closes. To close first would cut
   * off what is still on its way, since bytes may have come that nobody reads any more.
   * After a while ends anyway.
   */
  close(): Promise<void> {
    if (this.#state === "open") {
      this.#owner.beforeWrite?.();
      this.send(Command.Bye, 0, 0);
      this.#linger();
    }
    return this.closed;
  }

  #linger(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#lingerTimer = setTimeout(() => this.destroy(), CLOSE_TIMEOUT);
    this.flush();
  }

  #onBye(): void {
    this.#isDeaf = true;
    this.#linger();
    this.flush();
  }

  /**
   * Ends now.
   *
   * @param error Why.
   * @param lastWrite What the connection is closed after; the link is gone before.
   */
  destroy(error?: Error, lastWrite?: Promise<unknown>): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#isDeaf = true;
    clearTimeout(this.#lingerTimer);
    this.#gathering.stop();
    if (lastWrite === undefined) this.#conn.close();
    else void lastWrite.then(() => this.#conn.close());
    this.pending.close();
    this.#owner.onClosed(error);
    this.#closed.resolve();
  }

  /**
   * Pings the peer, or gives it up. To be called once every heartbeat interval.
   *
   * @param limit Intervals without a sign of life after which the peer is stale.
   */
  heartbeat(limit: number): void {
    this.liveness.beat();
    if (this.liveness.missed >= limit) return this.#giveUp();
    if (this.#state === "open") this.#ping();
  }

  /** Asks how far the peer has read, unless that was asked since the last byte. */
  probe(): void {
    if (this.#state !== "open") return;
    if (this.liveness.pingedBytes < this.log.appendedBytes) this.#ping();
  }

  #ping(): void {
    this.send(Command.Ping, 0, this.liveness.ping);
    this.liveness.onPing(this.log.appendedBytes);
  }

  /** Ends, after one write that a peer which only stood still will read. */
  #giveUp(): void {
    if (this.#state === "open") this.#owner.beforeGivingUp?.();
    const bytes = this.#writingSince > 0 ? undefined : this.log.startWrite();
    // Whether the peer takes it or not, the link is over.
    const written = bytes && this.#conn.write(bytes).catch(() => {});
    const error = new ProtocolError(
      `Cannot reach peer "${this.peer.address}": nothing heard for ${this.liveness.missed} heartbeats`,
    );
    this.destroy(error, written && endsWithin(written, STALL_TIMEOUT));
  }

  /** A frame came: the link's own are handled here, others go to the owner. */
  onFrame(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.#isDeaf) return;
    switch (header.command) {
      case Command.Ping:
        return this.send(Command.Pong, 0, header.number);
      case Command.Pong:
        this.liveness.onPong(header.number);
        return this.#owner.onRead?.();
      case Command.Bye:
        return this.#onBye();
      case Command.Reply:
        return this.#onReply(header, buffer.subarray(start, end));
      default:
        return this.#owner.onFrame(header, buffer, start, end);
    }
  }

  #onReply({ number, flags }: FrameHeader, body: Uint8Array): void {
    const value = decodeBody(body);
    if ((flags & Flag.Failed) !== 0) {
      return this.pending.fail(number, decodeFailure(value));
    }
    this.pending.take(
      number,
      value,
      (flags & Flag.More) !== 0 ? "more" : "last",
    );
  }

  #onWritten = (count: number): void => {
    this.#writingSince = 0;
    if (this.#state === "closed") return;
    this.log.endWrite(count);
    this.#owner.onWritten?.();
    this.flush();
  };

  #onFailed = (error: unknown): void => {
    this.#writingSince = 0;
    this.destroy(error instanceof Error ? error : undefined);
  };

  async #read(): Promise<void> {
    try {
      const isHeard = () => {
        this.liveness.hear();
        return this.#state !== "closed";
      };
      await readFrames(this.#conn, this, this.#keepFrames, isHeard);
      this.destroy();
    } catch (error) {
      if (error instanceof ProtocolError) {
        logger.warn("Closed link with {peer}: {reason}", {
          peer: this.peer.address,
          reason: messageOf(error),
        });
      }
      this.destroy(error instanceof Error ? error : undefined);
    }
  }
}
