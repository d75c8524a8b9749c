import { randomBytes } from "node:crypto";
import {
  LinkClosedError,
  LinkFullError,
  ProtocolError,
} from "../base/errors.ts";
import { type Flushable, flushSoon } from "../base/flush_soon.ts";
import { joined } from "../base/joined.ts";
import type { NatsLine } from "../nats/nats_line.ts";
import {
  decodePushAnswer,
  encodePush,
  MAX_PUSH,
  newPushId,
  type Push,
} from "../nats/push_message.ts";
import { Kind, seal, unseal } from "../nats/seal.ts";
import { pushSubject, saidSubject } from "../nats/subjects.ts";
import type { Target } from "../wire/bodies/target.ts";
import { Flag, HEADER_LENGTH, writeHeader } from "../wire/frame.ts";
import { PushAnswers } from "./push_answers.ts";
import { namesOf } from "./typed_arguments.ts";

/** Bytes that NATS has not confirmed, above which sends wait for it. */
const HIGH_WATER = 512 * 1024;

/** Bytes of a message to NATS beside its frames, at most. */
const AROUND = 256;

/** Milliseconds without all answers after which it is asked again; less where patience is short. */
const ASK_AGAIN = 1_000;

/** Most calls that wait for answers. */
const MAX_PENDING = 10_000;

/** All that a {@linkcode Pusher} needs of NATS. */
export type PushLine = Pick<
  NatsLine,
  | "publish"
  | "subscribe"
  | "flush"
  | "isConnected"
  | "unconfirmed"
  | "maxPayload"
>;

/** What a {@linkcode Pusher} works with. */
export interface PusherParts {
  /** The connection to NATS. */
  readonly line: PushLine;
  /** Name of all cells together. */
  readonly cluster: string;
  /** The first seals; answers may be sealed with any. */
  readonly keys: readonly string[];
  /** Milliseconds to wait for answers, and for NATS. */
  readonly timeout: number;
}

/** What gateways are told to do. */
export interface PushFrame {
  /** What to do. */
  readonly command: number;
  /** Flags, that of a head aside. */
  readonly flags: number;
  /** Its CBOR part; empty for none. */
  readonly head: Uint8Array;
  /** What clients get. */
  readonly payload: Uint8Array;
}

/** Hands frames to NATS, those of one breath together, and takes answers. */
export class Pusher implements Flushable, AsyncDisposable {
  readonly #parts: PusherParts;
  readonly #key: string;
  readonly #subject: string;
  readonly #said: string;
  readonly #listening: Disposable;
  readonly #pending = new Map<string, PushAnswers>();
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #handed: PromiseWithResolvers<undefined> = Promise.withResolvers();

  /** Begins to listen for answers. */
  constructor(parts: PusherParts) {
    this.#parts = parts;
    const { line, cluster, keys: [key = ""] } = parts;
    this.#key = key;
    this.#subject = pushSubject(cluster);
    this.#said = saidSubject(cluster, randomBytes(12).toString("hex"));
    this.#listening = line.subscribe(this.#said, (said) => this.#take(said));
  }

  /** Hands a frame over soon; resolves when that was done, and NATS keeps up. */
  tell(frame: PushFrame): Promise<undefined> {
    const bytes = this.#encode(frame);
    const most = Math.min(MAX_PUSH, this.#parts.line.maxPayload - AROUND);
    if (this.#batchBytes + bytes.length > most) this.flush();
    if (this.#batch.length === 0) flushSoon(this);
    this.#batch.push(bytes);
    this.#batchBytes += bytes.length;
    return this.#handed.promise;
  }

  /**
   * Hands a frame over, and waits for every cell's answer.
   *
   * @param call For errors.
   * @param target Whom it concerns.
   * @returns How many clients were reached.
   * @throws {PartialResultError} If a cell, or a gateway of one, did not answer.
   * @throws {LinkClosedError} If no cell did, or there is no connection.
   */
  async ask(call: string, frame: PushFrame, target: Target): Promise<number> {
    const bytes = this.#encode(frame);
    if (this.#pending.size >= MAX_PENDING) {
      throw new LinkFullError("NATS", this.#parts.line.unconfirmed);
    }
    // What was said before goes before.
    this.flush();
    const answers = new PushAnswers(call, namesOf(target));
    const id = newPushId();
    const key = id.toHex();
    const push = { time: timeOfDay(), id, frames: bytes };
    let again = 0;
    this.#publish({ ...push, again }, this.#said);
    this.#pending.set(key, answers);
    const timer = setInterval(() => {
      // What NATS has lost comes all the same, and whoever has done it says so again.
      if (this.#parts.line.isConnected) {
        this.#hand({ ...push, again: ++again }, this.#said);
      }
    }, Math.min(ASK_AGAIN, this.#parts.timeout / 4));
    try {
      return await answers.within(this.#parts.timeout);
    } finally {
      clearInterval(timer);
      this.#pending.delete(key);
    }
  }

  /** Hands over what has gathered. */
  flush(): void {
    if (this.#batch.length === 0) return;
    const [batch, handed] = [this.#batch, this.#handed];
    this.#batch = [];
    this.#batchBytes = 0;
    this.#handed = Promise.withResolvers();
    // Whoever sent looks at it, or does not.
    handed.promise.catch(() => {});
    try {
      const [time, id] = [timeOfDay(), newPushId()];
      this.#publish({ time, id, again: 0, frames: joined(batch) });
      handed.resolve(this.#keepsUp());
    } catch (error) {
      handed.reject(error);
    }
  }

  /** Hands over what has gathered, and listens no more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.flush();
    await this.#parts.line.flush(this.#parts.timeout);
    this.#listening[Symbol.dispose]();
    for (const answers of this.#pending.values()) answers.end();
  }

  async #keepsUp(): Promise<undefined> {
    const { line, timeout } = this.#parts;
    if (line.unconfirmed > HIGH_WATER) await line.flush(timeout);
    return undefined;
  }

  #publish(push: Push, reply?: string): void {
    const { line } = this.#parts;
    if (this.#hand(push, reply)) return;
    if (line.isConnected) throw new LinkFullError("NATS", line.unconfirmed);
    throw new LinkClosedError(
      "Cannot push by way of NATS: there is no connection now",
    );
  }

  #hand(push: Push, reply?: string): boolean {
    const parts = encodePush(push);
    const message = seal(this.#key, this.#subject, Kind.Push, parts);
    return this.#parts.line.publish(this.#subject, message, reply);
  }

  #take(message: Uint8Array): void {
    // Nobody listens, says NATS itself: then nobody heard of any call that waits.
    if (message.length === 0) {
      for (const answers of this.#pending.values()) answers.nobodyListens();
      return;
    }
    const said = unseal(this.#parts.keys, this.#said, message);
    if (said?.kind !== Kind.PushAnswer) return;
    try {
      const answer = decodePushAnswer(said.body);
      this.#pending.get(answer.id.toHex())?.take(answer);
    } catch (error) {
      // Who asked will hear of no answer.
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #encode({ command, flags, head, payload }: PushFrame): Uint8Array {
    const body = head.length > 0 ? 4 + head.length : 0;
    const length = HEADER_LENGTH + body + payload.length;
    const { maxPayload } = this.#parts.line;
    if (length > maxPayload - AROUND) {
      throw new RangeError(
        `Cannot push as this NATS takes messages of at most ${maxPayload} bytes: it would be ${
          length + AROUND
        }`,
      );
    }
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    const flag = body > 0 ? Flag.Head : 0;
    writeHeader(view, 0, length, command, flags | flag, 0, 0);
    if (body > 0) {
      view.setUint32(HEADER_LENGTH, head.length);
      bytes.set(head, HEADER_LENGTH + 4);
    }
    bytes.set(payload, HEADER_LENGTH + body);
    return bytes;
  }
}

/** Milliseconds since 1970: bridges have no other clock in common with a program. */
function timeOfDay(): number {
  return Date.now();
}
