import { now } from "../base/clock.ts";
import { Deque } from "../base/deque.ts";
import { endsWithin } from "../base/pause.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Link } from "../link/link.ts";
import { roomLogger } from "../observe/logger.ts";
import { ThrownLog } from "../observe/thrown_log.ts";
import { encodeBody } from "../wire/body.ts";
import { Command } from "../wire/command.ts";
import { endOfHead, Flag, type FrameHeader } from "../wire/frame.ts";
import { decodeNotice, type NoticeHead } from "../wire/bodies/notice.ts";
import type { Handler } from "./handler/handler.ts";
import type { NoticeEvent } from "./handler/notice_event.ts";

const logger = roomLogger("worker");

/** Most notices that wait for the handler. */
const MAX_WAITING = 1_000;

/** Most of their bytes, unless there is but one. */
const MAX_BYTES = 16_777_216;

/** Most ids that are remembered. */
const MAX_SEEN = 20_000;

/** For how long an id is remembered at least, in milliseconds. Senders give up before. */
const MEMORY = 30_000;

/** What {@linkcode Notices} work with. */
export interface NoticesParts {
  /** Differs for every start of this worker. */
  readonly instance: string;
  /** Milliseconds after which a handler no longer holds up the next; 0 for never. */
  readonly handlerTimeout: number;
  /** The user's code. */
  handler(): Handler;
  /** What it is given. */
  cluster(): Cluster;
  /** A handler threw. */
  onThrown(): void;
  /** A handler ran for too long. */
  onTimedOut(): void;
}

/** What became of notices that came. */
export interface NoticeCounts {
  /** Notices that were taken. */
  taken: number;
  /** Those that came again, and were not taken again. */
  repeated: number;
  /** Those that were not taken, as too many wait. */
  refused: number;
}

/** What others say to this worker: each is taken once, and handled one at a time. */
export class Notices {
  readonly #parts: NoticesParts;
  readonly #waiting = new Deque<Notice>();
  readonly #thrown = new ThrownLog(logger);
  /** When the ids came, the oldest first. */
  readonly #seen = new Map<string, number>();
  #bytes = 0;
  #isRunning = false;
  #isOver = false;
  /** What became of those that came. */
  readonly counts: NoticeCounts = { taken: 0, repeated: 0, refused: 0 };

  /** @param parts What it works with. */
  constructor(parts: NoticesParts) {
    this.#parts = parts;
  }

  /** Whether the handler is done with all that was taken. */
  get isSettled(): boolean {
    return !this.#isRunning;
  }

  /** A notice came: says whether this worker has it. */
  take(
    link: Link,
    { number, flags }: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const at = endOfHead(buffer, start, end);
    const head = decodeNotice(buffer.subarray(start + 4, at));
    const has = this.#isRepeated(head.id) ||
      this.#add(head, buffer.slice(at, end), (flags & Flag.Binary) !== 0);
    link.send(Command.Reply, 0, number, encodeBody(has));
  }

  /** The worker is at its end: nothing is taken or begun any more. */
  end(): void {
    this.#isOver = true;
    this.#waiting.clear();
  }

  #isRepeated(id: string): boolean {
    if (!this.#seen.has(id)) return false;
    this.counts.repeated++;
    return true;
  }

  #add(head: NoticeHead, payload: Uint8Array, binary: boolean): boolean {
    const isFull = this.#waiting.length >= MAX_WAITING ||
      this.#waiting.length > 0 && this.#bytes + payload.length > MAX_BYTES;
    if (this.#isOver || isFull || !this.#remember(head.id)) {
      this.counts.refused++;
      return false;
    }
    this.counts.taken++;
    this.#bytes += payload.length;
    const own = head.sender === this.#parts.instance;
    this.#waiting.push(new Notice(head, payload, { own, binary }));
    if (!this.#isRunning) void this.#run();
    return true;
  }

  /** Makes room for an id, unless all are too young to be forgotten. */
  #remember(id: string): boolean {
    const time = now();
    for (const [oldest, since] of this.#seen) {
      if (this.#seen.size < MAX_SEEN) break;
      if (time - since < MEMORY) return false;
      this.#seen.delete(oldest);
    }
    this.#seen.set(id, time);
    return true;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    // A frame is read to its end before anybody is told of it.
    await Promise.resolve();
    while (true) {
      const notice = this.#waiting.shift();
      if (notice === undefined) break;
      this.#bytes -= notice.size;
      await this.#handle(notice);
    }
    this.#isRunning = false;
  }

  async #handle(notice: Notice): Promise<void> {
    const { handlerTimeout, handler, cluster, onTimedOut } = this.#parts;
    const done = Promise.try(() => handler()(notice, cluster()))
      .then(() => {}, (error) => this.#threw(notice, error));
    if (handlerTimeout === 0) return await done;
    if (await endsWithin(done, handlerTimeout)) return;
    onTimedOut();
    logger.error(
      "Handler still runs after {timeout} ms on notice of {from}: going on without it",
      { timeout: handlerTimeout, from: notice.from },
    );
  }

  #threw({ from }: Notice, error: unknown): void {
    this.#parts.onThrown();
    this.#thrown.add({
      kind: "notice",
      text:
        "Handler threw on notice of {from}: {reason} ({suppressed} like this before)",
      facts: { from },
    }, error);
  }
}

/** {@linkcode NoticeEvent}. */
class Notice implements NoticeEvent {
  readonly type = "notice";
  readonly id: string;
  readonly from: string;
  readonly labels: NoticeEvent["labels"];
  readonly own: boolean;
  readonly binary: boolean;
  readonly #payload: Uint8Array;

  constructor(
    { id, from, labels }: NoticeHead,
    payload: Uint8Array,
    { own, binary }: { readonly own: boolean; readonly binary: boolean },
  ) {
    this.id = id;
    this.from = from;
    this.labels = labels;
    this.own = own;
    this.binary = binary;
    this.#payload = payload;
  }

  /** Its bytes. */
  get size(): number {
    return this.#payload.length;
  }

  text(): string {
    return new TextDecoder().decode(this.#payload);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#payload);
  }

  json(): unknown {
    return JSON.parse(this.text());
  }
}
