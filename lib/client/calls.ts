import { CallError } from "./call_error.ts";
import type { CallFrames, Post } from "./conversation.ts";
import type { TimerFunctions } from "./timers.ts";

/** How a request waits. */
export interface RequestOptions {
  /**
   * Milliseconds without an answer, or without another part of a stream, after which
   * it fails with `timeout` and is cancelled.
   *
   * @default {10_000}
   */
  readonly timeout?: number;
  /** Cancels it. */
  readonly signal?: AbortSignal;
}

/** What an answerer is given beside the data. */
export interface Ask {
  /** Is aborted when the gateway no longer wants an answer, or the session ended. */
  readonly signal: AbortSignal;
  /** Sends a part of the answer, before the answer itself. */
  readonly part: (value: unknown) => void;
}

/** Answers what is asked of it: its result, or what its promise brings, is the answer. */
export type Answerer = (data: unknown, ask: Ask) => unknown;

/** A request of ours that is not answered. */
interface Pending {
  readonly part: ((value: unknown) => void) | undefined;
  /** Waits anew for the whole time. */
  readonly touch: () => void;
  readonly end: (error: CallError | undefined, value?: unknown) => void;
}

/** What a gateway takes as the code of an answer; it ends the session over another. */
const CODE = /^[a-z0-9-]{1,64}$/;

/** How many asks of the gateway may run at once. */
const MAX_ASKS = 256;

/** How many parts of a stream may wait to be fetched. */
const MAX_PARTS = 1024;

/** Requests and answers, both ways: ours to the gateway, and those it makes of us. */
export class Calls implements CallFrames {
  readonly #post: Post;
  readonly #timers: TimerFunctions;
  readonly #answerers = new Map<string, Answerer>();
  readonly #pending = new Map<number, Pending>();
  readonly #asked = new Map<string, AbortController>();

  constructor(post: Post, timers: TimerFunctions) {
    this.#post = post;
    this.#timers = timers;
  }

  /** Has a function answer what is asked by this name; returns what removes it. */
  handle(name: string, answerer: Answerer): () => void {
    this.#answerers.set(checkName(name), answerer);
    return () => {
      this.#answerers.delete(name);
    };
  }

  /** Makes a request; see `Client.request`. */
  // deno-lint-ignore require-await -- what is wrong with the arguments rejects, too
  async request(
    name: string,
    data: unknown,
    options: RequestOptions,
    part?: (value: unknown) => void,
  ): Promise<unknown> {
    const { timeout = 10_000, signal } = options;
    signal?.throwIfAborted();
    const id = this.#post((id) => `q${id} ${checkName(name)}\n${json(data)}`);
    let [resolve, reject] = [(_value: unknown) => {}, (_why: unknown) => {}];
    const promise = new Promise<unknown>((...settlers) => {
      [resolve, reject] = settlers;
    });
    const { setTimeout, clearTimeout } = this.#timers;
    let timer: unknown;
    const forget = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      this.#pending.delete(id);
    };
    const cancel = (reason: unknown) => {
      forget();
      this.#post(() => `k${id}`);
      reject(reason);
    };
    const abort = () => cancel(signal?.reason);
    const touch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => cancel(new CallError("timeout")), timeout);
    };
    const end = (error: CallError | undefined, value?: unknown) => {
      forget();
      error ? reject(error) : resolve(value);
    };
    signal?.addEventListener("abort", abort);
    this.#pending.set(id, { part, touch, end });
    touch();
    return promise;
  }

  /** Makes a request whose answer comes in parts; see `Client.stream`. */
  async *stream(
    name: string,
    data: unknown,
    { timeout, signal }: RequestOptions = {},
  ): AsyncGenerator<unknown, unknown> {
    const stop = new AbortController();
    const parts: unknown[] = [];
    let wake = () => {};
    const onPart = (part: unknown) => {
      if (parts.push(part) > MAX_PARTS) stop.abort(new CallError("slow"));
      wake();
    };
    let isOver = false;
    const request = this.request(name, data, {
      ...timeout === undefined ? {} : { timeout },
      signal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal,
    }, onPart);
    request.catch(() => {}).then(() => {
      isOver = true;
      wake();
    });
    try {
      while (true) {
        if (parts.length > 0) yield parts.shift();
        else if (isOver) return await request;
        else await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      stop.abort();
    }
  }

  /** Takes a frame of the letters `q r e s k` in. */
  onFrame(letter: string, rest: string): void {
    const [head = "", body = "null"] = split(rest, "\n");
    const [id = "", word = ""] = split(head, " ");
    if (letter === "q") return this.#onAsk(id, word, JSON.parse(body));
    if (letter === "k") return this.#asked.get(id)?.abort();
    // One that is not known came too late.
    const pending = this.#pending.get(Number(id));
    if (!pending) return;
    const value = JSON.parse(body);
    if (letter === "e") return pending.end(new CallError(word, value));
    if (letter === "r") return pending.end(undefined, value);
    pending.touch();
    pending.part?.(value);
  }

  /** Takes a binary answer in, without its first byte. */
  onBinary(rest: Uint8Array<ArrayBuffer>): void {
    const end = rest.indexOf(10);
    const id = new TextDecoder().decode(rest.subarray(0, end));
    this.#pending.get(Number(id))?.end(undefined, rest.subarray(end + 1));
  }

  /** Fails our requests up to this number: their answers may not come any more. */
  fail(code: string, upTo = Infinity): void {
    for (const [id, { end }] of this.#pending) {
      if (id <= upTo) end(new CallError(code));
    }
  }

  /** The session ended: nobody waits for our answers, and none of ours will come. */
  end(code: string): void {
    this.fail(code);
    for (const asked of this.#asked.values()) asked.abort();
    this.#asked.clear();
  }

  #onAsk(id: string, name: string, data: unknown): void {
    const controller = new AbortController();
    const { signal } = controller;
    // A typed event wants no answer, and has no id of its own.
    const say = (letter: string, value: unknown, code = "") => {
      if (id === "0" || signal.aborted) return;
      this.#post(() => `${letter}${id}${code}\n${json(value)}`);
    };
    const answerer = this.#answerers.get(name);
    if (!answerer) return say("e", null, " unknown");
    if (id !== "0") {
      if (this.#asked.size >= MAX_ASKS) return say("e", null, " too-many");
      this.#asked.set(id, controller);
    }
    const part = (value: unknown) => say("s", value);
    const answer = async () => await answerer(data, { signal, part });
    answer().then((value) => say("r", value)).catch((error) => {
      const isOurs = error instanceof CallError && CODE.test(error.code);
      say(
        "e",
        isOurs ? error.data : null,
        ` ${isOurs ? error.code : "failed"}`,
      );
      if (!isOurs) throw error;
    }).finally(() => {
      if (this.#asked.get(id) === controller) this.#asked.delete(id);
    });
  }
}

/** What is before the first of these, and what behind it. */
function split(text: string, separator: string): (string | undefined)[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** Writes anything as JSON; what has none as `null`. */
export function json(data: unknown): string {
  return JSON.stringify(data) ?? "null";
}

/**
 * Lets a name through.
 *
 * @throws {TypeError} If it is empty, too long, or has blanks.
 */
export function checkName(name: string): string {
  // deno-lint-ignore no-control-regex -- those are what it must not have
  if (/^[^\s\0-\x1f\x7f-\x9f]{1,128}$/.test(name)) return name;
  throw new TypeError(
    `Cannot call "${name}" as a name must be 1 to 128 characters without blanks`,
  );
}
