import { CallError } from "./call_error.ts";
import { Emitter } from "./emitter.ts";
import type { Environment } from "./environment.ts";
import type { ClientEvents, ClientState } from "./events.ts";
import { Keeper } from "./keeper.ts";
import type { Line } from "./line.ts";
import type { ConnectOptions } from "./options.ts";
import { Reach } from "./reach.ts";
import { type Entry, type Frame, returnedOf, Session } from "./session.ts";
import { Timers } from "./timers.ts";

/** Frames and milliseconds after which the gateway is told what came. */
const ACK_FRAMES = 32;
const ACK_MS = 1000;

/** What a gateway says first. */
interface Welcome {
  readonly resumed: boolean;
  readonly t: string;
  readonly id: string;
  readonly in: number;
  readonly gap: number;
  readonly reason?: string;
  readonly ping: number;
  readonly spread: number;
}

/** Sends a counted frame, made of its number; returns the number. */
export type Post = (make: (number: number) => Frame) => number;

/** Who makes and takes requests, if anybody does: `Calls`. */
export interface CallFrames {
  /** Takes a frame of the letters `q r e s k` in. */
  onFrame(letter: string, rest: string): void;
  /** Takes a binary answer in, without its first byte. */
  onBinary(rest: Uint8Array<ArrayBuffer>): void;
  /** Fails our requests up to this number. */
  fail(code: string, upTo?: number): void;
  /** The session ended. */
  end(code: string): void;
}

/** What is said with a gateway, over whatever sockets there are. */
export class Conversation {
  readonly emitter: Emitter<ClientEvents> = new Emitter();
  /** Set before the first frame comes. */
  calls: CallFrames | undefined;
  /** What the gateway calls this session. */
  id = "";
  state: ClientState = "connecting";
  session: Session;
  readonly #options: ConnectOptions;
  readonly #timers: Timers;
  readonly #keeper: Keeper;
  readonly #reach: Reach;
  readonly #unwatch: () => void;
  /** Whether somebody else went on with our session. */
  #isTaken = false;
  #unacknowledged = 0;
  #refusal: { code: string; data: unknown } | undefined;

  constructor(url: URL, options: ConnectOptions, environment: Environment) {
    this.#options = options;
    this.#timers = new Timers(environment);
    this.#keeper = new Keeper(options.store, url);
    this.session = this.#keeper.take() ?? new Session();
    const reach = this.#reach = new Reach(url, options, environment, {
      hello: (credential) => this.#hello(credential),
      ping: () => `p${this.session.sent}`,
      onData: (line, data) => this.#onData(line, data),
      onAway: () => {
        if (this.state === "open") this.#setState("away");
      },
      onOver: (code, reason) => this.finish(code, reason),
      onError: (error) => this.emitter.emit("error", error),
    });
    this.#unwatch = environment.watchPage({
      wake: () => reach.wake(),
      sleep: () => reach.sleep(),
      leave: (mayReturn) => {
        const isKept = this.#keeper.put(this.session);
        if (mayReturn || isKept) reach.sleep();
        else this.finish(1000, "");
      },
      restore: () => {
        if (!this.#keeper.takeBack()) this.#giveUp();
        reach.wake();
      },
    });
    reach.dial();
  }

  /**
   * Sends a counted frame; see `Client.send`.
   *
   * @param make Makes it of its number.
   * @param settle Called when it is handled, or never will be known to.
   * @returns Its number.
   */
  post(
    make: (number: number) => Frame,
    settle?: (error?: CallError) => void,
  ): number {
    if (this.state === "closed") throw new CallError("closed");
    const { sent, size } = this.session;
    const { maxBuffer = 1_048_576 } = this.#options;
    const frame = make(sent + 1);
    // What ends a call frees something; the number of calls bounds it.
    const isBounded = typeof frame !== "string" || !/^[rek]/.test(frame);
    if (isBounded && size + frame.length > maxBuffer) {
      throw new RangeError(
        `Cannot send as at most ${maxBuffer} may wait: ${size} do`,
      );
    }
    return this.#add({ frame, settle });
  }

  /** It is over. */
  finish(code: number, reason: string): void {
    if (this.state === "closed") return;
    this.#setState("closed");
    this.#reach.end();
    this.#timers.clear("ack");
    this.#unwatch();
    this.calls?.end("closed");
    const entries = this.session.end();
    for (const { settle } of entries) settle?.(new CallError("closed"));
    this.emitter.emit("closed", {
      code,
      reason: this.#refusal?.code ?? reason,
      data: this.#refusal?.data ?? null,
      returned: entries.map(({ frame }) => returnedOf(frame)),
    });
  }

  #add(entry: Entry): number {
    const number = this.session.add(entry);
    this.#reach.send(entry.frame);
    return number;
  }

  #hello(credential: unknown): string {
    this.#refusal = undefined;
    const { token, received } = this.session;
    return `h${JSON.stringify({ t: token, r: received, a: credential })}`;
  }

  #setState(state: ClientState): void {
    this.state = state;
    this.emitter.emit("state", state);
  }

  #onData(line: Line, data: Frame): void {
    const isNew = this.#reach.isNew(line);
    try {
      if (typeof data !== "string") this.#onBinary(data);
      else if (isNew) this.#onFirst(line, data[0], data.slice(1));
      else this.#onText(data[0], data.slice(1));
    } catch (error) {
      this.emitter.emit("error", error);
      if (isNew) this.#reach.fail();
      else this.#reach.lose();
    }
  }

  /** What comes before, and with, the welcome. */
  #onFirst(line: Line, letter: string | undefined, rest: string): void {
    if (letter === "w") this.#onWelcome(line, JSON.parse(rest));
    else if (letter === "x") this.#reach.later(JSON.parse(rest));
    else if (letter === "e") {
      const [head = "", data = "null"] = rest.split("\n");
      this.#refusal = { code: head.replace(/.* /, ""), data: JSON.parse(data) };
    }
  }

  #onText(letter: string | undefined, rest: string): void {
    switch (letter) {
      case "m":
        this.#count();
        return this.emitter.emit("message", rest);
      case "g":
        return this.#onGap(JSON.parse(rest));
      case "q":
      case "r":
      case "e":
      case "s":
      case "k":
        this.#count();
        return this.calls?.onFrame(letter, rest);
      case "a":
        return this.session.handled(JSON.parse(rest));
      case "p":
        // Another count than ours: what is missing is told when we come back.
        return JSON.parse(rest) === this.session.received
          ? this.#acknowledge()
          : this.#reach.lose();
      case "t":
        return void this.#reach.renew();
      case "x":
        return this.#reach.later(JSON.parse(rest));
    }
  }

  #onGap(missed: number): void {
    this.#count(missed);
    this.calls?.fail("gap");
    this.emitter.emit("gap", { missed });
  }

  #onBinary(data: Uint8Array<ArrayBuffer>): void {
    this.#count();
    if (data[0] === 1) return this.emitter.emit("message", data.subarray(1));
    this.calls?.onBinary(data.subarray(1));
  }

  #count(frames = 1): void {
    this.session.received += frames;
    if (++this.#unacknowledged >= ACK_FRAMES) this.#acknowledge();
    else if (!this.#timers.has("ack")) {
      this.#timers.set("ack", ACK_MS, () => this.#acknowledge());
    }
  }

  #acknowledge(): void {
    this.#timers.clear("ack");
    this.#unacknowledged = 0;
    this.#reach.send(`a${this.session.received}`);
  }

  #onWelcome(line: Line, welcome: Welcome): void {
    const { resumed, in: got } = welcome;
    if (resumed && !this.session.knows(got)) {
      line.send("b");
      this.#giveUp();
      return this.#reach.fail();
    }
    if (!resumed) this.#reach.release();
    // Unless it is the first of all.
    const begins = !resumed && (this.session.token || this.#isTaken);
    const entries = begins ? this.session.end() : [];
    if (begins) {
      this.session = new Session();
      // Before anybody is told, who may ask anew at once.
      this.calls?.end("lost");
    }
    this.session.received += welcome.gap;
    this.session.token = welcome.t;
    this.id = welcome.id;
    // What the gateway lacks, before anybody can send more.
    const missing = this.session.after(got);
    for (const { frame } of missing) line.send(frame);
    const old = this.#reach.welcome(line, welcome.ping, welcome.spread);
    if (!resumed) old?.send("b");
    old?.close();
    this.#setState("open");
    if (resumed) this.#onBack(welcome, missing.length);
    else if (begins) this.#onFresh(welcome.reason ?? "lost", entries);
  }

  #onBack({ gap, in: got }: Welcome, resent: number): void {
    if (gap > 0) this.calls?.fail("gap", got);
    this.emitter.emit("back", { missed: gap, resent });
  }

  #onFresh(reason: string, entries: readonly Entry[]): void {
    this.emitter.emit("fresh", {
      reason: this.#isTaken ? "conflict" : reason,
      returned: entries.map(({ frame }) => returnedOf(frame)),
    });
    this.#isTaken = false;
    const { resend } = this.#options;
    for (const entry of entries) {
      if (this.state === "closed") entry.settle?.(new CallError("closed"));
      else if (resend) this.#add(entry);
      else entry.settle?.(new CallError("lost"));
    }
  }

  /** Another page went on with the session, so that our counts mean nothing. */
  #giveUp(): void {
    this.session.token = "";
    this.session.received = 0;
    this.#isTaken = true;
  }
}
