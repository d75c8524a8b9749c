import { NO_ANSWER_ID, readTyped } from "../../wire/bodies/typed_frame.ts";
import {
  failureText,
  partText,
  readJson,
  replyFrame,
} from "../../wire/bodies/typed_text.ts";
import { quiet } from "../../cluster/quiet.ts";
import type { RequestEvent } from "../handler/handler.ts";
import { type EventLane, LaneEvent } from "./lane_event.ts";

/** What the code of a failure looks like. */
const CODE = /^[a-z][a-z0-9-]{0,63}$/;

/** Why a request ends without an answer of its handler's. */
export type RequestEnd = "timeout" | "lost";

/** What requests need to be answered. */
export interface Answering {
  /** Sends its client the last word of a request. */
  sendLast(
    event: LaneRequestEvent,
    frame: string | Uint8Array,
    outcome: "answered" | "failed",
  ): void;
  /** Sends a part of an answer; returns what to wait for before the next. */
  sendPart(event: LaneRequestEvent, frame: string): Promise<unknown>;
  /**
   * The handler may end before the request does.
   *
   * @throws {RangeError} If too many requests do that.
   */
  detach(): void;
  /** What was to become the answer has rejected. */
  failDetached(event: LaneRequestEvent, error: unknown): void;
}

/** {@linkcode RequestEvent}. */
export class LaneRequestEvent extends LaneEvent implements RequestEvent {
  readonly type = "request";
  readonly #answering: Answering;
  readonly #requestId: string;
  readonly #bodyLength: number;
  #controller: AbortController | undefined;
  #reason: unknown;
  #state: "open" | "answered" | "ended" = "open";
  readonly name: string;
  /** Whether its handler may end before it does. */
  isDetached = false;
  /** Whether its client took it back. */
  isCancelled = false;
  /** Whether its handler has ended, or is not waited for any more. */
  isHandled = false;

  constructor(
    lane: EventLane,
    answering: Answering,
    number: number,
    redelivered: boolean,
    buffer: Uint8Array,
    start: number,
    end: number,
  ) {
    super(lane, number, redelivered, buffer, start, end);
    this.#answering = answering;
    const { id, name, body } = readTyped(buffer, start, end);
    this.#requestId = id;
    this.name = name;
    this.#bodyLength = end - body;
  }

  get wantsAnswer(): boolean {
    return this.#requestId !== NO_ANSWER_ID;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  data(): unknown {
    const { buffer, end } = this;
    return readJson(buffer.subarray(end - this.#bodyLength, end));
  }

  answer(value?: unknown): void {
    this.#checkOpen("answer");
    this.#say(replyFrame(this.#requestId, value), "answered", "answered");
  }

  fail(code: string, data?: unknown): void {
    this.#checkOpen("fail");
    if (typeof code !== "string" || !CODE.test(code)) {
      throw new TypeError(
        `Cannot fail request as its code must be 1 to 64 lower-case letters, digits and "-": found ${
          JSON.stringify(code)
        }`,
      );
    }
    this.#say(failureText(this.#requestId, code, data), "answered", "failed");
  }

  part(value: unknown): Promise<void> {
    this.#checkOpen("answer a part of");
    const frame = partText(this.#requestId, value);
    if (this.#reason !== undefined) return quiet(Promise.reject(this.#reason));
    if (this.#state !== "open" || !this.wantsAnswer) return Promise.resolve();
    return quiet(this.#whenTaken(this.#answering.sendPart(this, frame)));
  }

  detach(work?: Promise<unknown>): void {
    this.#checkOpen("detach");
    if (this.isHandled) {
      throw new TypeError(
        "Cannot detach request as its handler must not have ended: call detach() before it returns",
      );
    }
    if (!this.isDetached && this.#state === "open" && this.wantsAnswer) {
      this.#answering.detach();
      this.isDetached = true;
    }
    work?.then(
      (value) => this.#conclude(value),
      (error) => this.#answering.failDetached(this, error),
    );
  }

  /** Its handler has ended: what it returned is the answer, if there was none. */
  onHandled(result: unknown): void {
    this.isHandled = true;
    if (result === undefined && this.isDetached) return;
    this.#conclude(result);
  }

  /** Its handler threw; returns whether that is worth a line of the log. */
  onThrown(error: unknown): boolean {
    const isAborted = this.#reason !== undefined && error === this.#reason;
    this.#end(isAborted && this.isCancelled ? "cancelled" : "failed");
    return !isAborted;
  }

  /** Its client took it back: whoever works on it is told. */
  cancel(): void {
    this.isCancelled = true;
    this.abort(new DOMException("The client took it back", "AbortError"));
  }

  /** Nobody waits for the answer any more. */
  abort(reason: unknown): void {
    this.#reason ??= reason;
    this.#controller?.abort(reason);
  }

  /** It ends without a word of its handler's; what that still says is for nobody. */
  giveUp(end: RequestEnd): void {
    this.isHandled = true;
    this.#end(end);
    const message = `The request ended: ${end}`;
    const name = end === "timeout" ? "TimeoutError" : "AbortError";
    this.abort(new DOMException(message, name));
  }

  #conclude(result: unknown): void {
    if (this.#state !== "open") return;
    if (result !== undefined) {
      const frame = replyFrame(this.#requestId, result);
      return this.#say(frame, "answered", "answered");
    }
    this.#end(this.isCancelled ? "cancelled" : "unknown");
  }

  #end(code: "failed" | "unknown" | "cancelled" | RequestEnd): void {
    if (this.#state !== "open") return;
    this.#say(failureText(this.#requestId, code), "ended", "failed");
  }

  #say(
    frame: string | Uint8Array,
    state: "answered" | "ended",
    outcome: "answered" | "failed",
  ): void {
    if (this.#state !== "open") return;
    this.#answering.sendLast(this, frame, outcome);
    this.#state = state;
  }

  async #whenTaken(taken: Promise<unknown>): Promise<void> {
    await taken;
    if (this.#reason !== undefined) throw this.#reason;
  }

  /** What a handler does after others ended its request is for nobody, and no mistake. */
  #checkOpen(verb: string): void {
    if (this.#state !== "answered") return;
    throw new TypeError(
      `Cannot ${verb} request "${this.name}" as it must not have been answered: it was`,
    );
  }
}
