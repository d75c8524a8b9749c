import type { Environment } from "./environment.ts";
import { Line } from "./line.ts";
import type { ConnectOptions } from "./options.ts";
import type { Frame } from "./session.ts";
import { Timers } from "./timers.ts";

/** The sub-protocol, without which a gateway takes a client for a plain one. */
const PROTOCOL = "gatewayworker.v1";

/** Codes after which nobody comes back: broken rules, logged out, replaced, refused. */
const FINAL = [1002, 1007, 4001, 4009, 4010];

/** The credential ended: final only for those who cannot have another. */
const EXPIRED = 4011;

/** The gateway or the page goes away. Firefox says it, too, when the page stays. */
const GOING_AWAY = 1001;

/** Milliseconds: most before the first retry, and most before any. */
const FIRST_RETRY = 500;
const LAST_RETRY = 20_000;

/** Milliseconds for a sign of life. */
const PROBE = 2000;

/** Most milliseconds that the gateway may have a client wait. */
const LONGEST_WAIT = 3_600_000;

/** When to connect anew, and where; as a gateway says it. */
interface Later {
  /** Milliseconds. */
  readonly after: number;
  readonly url?: string;
}

/** Who is connected. */
export interface ReachOwner {
  /** The first frame on a socket. */
  hello(credential: unknown): string;
  /** Asks the gateway for a sign of life. */
  ping(): string;
  onData(line: Line, data: Frame): void;
  /** There is no socket any more. */
  onAway(): void;
  /** It is over. */
  onOver(code: number, reason: string): void;
  onError(error: unknown): void;
}

/**
 * Has a socket to the gateway, and gets another one when it breaks: at most one that is
 * welcomed, and one that is on its way to be.
 */
export class Reach {
  readonly #url: URL;
  readonly #options: ConnectOptions;
  readonly #environment: Environment;
  readonly #owner: ReachOwner;
  readonly #timers: Timers;
  #line: Line | undefined;
  #next: Line | undefined;
  /**
   * What came on the socket that we have since the next one said hello: it is told again
   * behind the welcome, and counts only if there is none.
   */
  #held: Frame[] | undefined;
  /** Counts attempts, so that a credential that comes too late is not used. */
  #attempt = 0;
  #failures = 0;
  /** Milliseconds to wait, as the gateway said. */
  #told: number | undefined;
  /** Where to, as the gateway said; for one attempt. */
  #elsewhere: URL | undefined;
  #ping = 0;
  #spread = 0;
  #isHeard = false;

  constructor(
    url: URL,
    options: ConnectOptions,
    environment: Environment,
    owner: ReachOwner,
  ) {
    this.#url = url;
    this.#options = options;
    this.#environment = environment;
    this.#owner = owner;
    this.#timers = new Timers(environment);
  }

  /** Whether this one is still to be welcomed. */
  isNew(line: Line): boolean {
    return line === this.#next;
  }

  /** Sends a frame, if there is a socket that is welcomed. */
  send(frame: Frame): void {
    this.#line?.send(frame);
  }

  /** Connects, at once. */
  async dial(): Promise<void> {
    this.#drop();
    const attempt = this.#attempt;
    const { connectTimeout = 15_000 } = this.#options;
    this.#timers.set("connect", connectTimeout, () => this.fail());
    try {
      const credential = await this.#getCredential();
      if (attempt !== this.#attempt) return;
      const { href } = this.#elsewhere ?? this.#url;
      this.#elsewhere = undefined;
      const socket = new this.#environment.WebSocket(href, PROTOCOL);
      this.#next = new Line(socket, {
        onOpen: (line) => this.#onOpen(line, credential),
        onData: (line, data) => {
          this.#isHeard = true;
          this.#timers.clear("probe");
          const isHeld = line === this.#line && this.#held?.push(data);
          if (!isHeld) this.#owner.onData(line, data);
        },
        onEnd: (line, code, reason) => this.#onEnd(line, code, reason),
      });
    } catch (error) {
      if (attempt !== this.#attempt) return;
      this.#owner.onError(error);
      this.fail();
    }
  }

  /** The next socket is welcomed: returns what it was before, which is to be closed. */
  welcome(line: Line, ping: number, spread: number): Line | undefined {
    const old = this.#line;
    this.#timers.clear("connect");
    this.#line = line;
    this.#next = this.#held = undefined;
    this.#ping = ping;
    this.#spread = spread;
    // What lasts for a second was no failure.
    this.#tick(1000);
    return old;
  }

  /** The gateway says when to connect anew, and where. */
  later({ after, url = this.#url.href }: Later): void {
    this.#told = Math.min(after, LONGEST_WAIT);
    this.#elsewhere = this.#allowed(url);
    if (this.#line) this.#retry();
  }

  /** The attempt came to nothing. */
  fail(): void {
    this.#drop();
    if (!this.#line) this.#owner.onAway();
    this.#retry();
  }

  /** The welcomed socket is no good any more. */
  lose(code = 0): void {
    this.#hangUp();
    if (this.#timers.has("dial", "connect")) return;
    this.#retry(code === GOING_AWAY ? 1000 : 0);
  }

  /** Sees whether the socket lives; without one, connects, unless told when to. */
  wake(): void {
    if (this.#timers.has("connect")) return;
    if (this.#line) this.#probe();
    else if (this.#told === undefined) this.dial();
  }

  /** Lets go of everything, and waits for nothing. */
  sleep(code?: number): void {
    this.#drop();
    this.#told = undefined;
    this.#hangUp(code);
  }

  /** Says that nobody will come back, and lets go. */
  end(): void {
    // The gateway reads one of them.
    this.#line?.send("b");
    this.#next?.send("b");
    this.#held = undefined;
    this.sleep(1000);
  }

  /** The gateway wants another credential, of those who can have one. */
  async renew(): Promise<void> {
    const line = this.#line;
    if (typeof this.#options.token !== "function") return;
    try {
      const credential = await this.#getCredential();
      if (line === this.#line) {
        line?.send(`t${JSON.stringify(credential) ?? "null"}`);
      }
    } catch (error) {
      this.#owner.onError(error);
    }
  }

  // deno-lint-ignore require-await -- what the function throws rejects
  async #getCredential(): Promise<unknown> {
    const { token } = this.#options;
    return typeof token === "function" ? token() : token;
  }

  #hangUp(code?: number): void {
    this.#line?.close(code);
    this.#line = undefined;
    this.#timers.clear("tick", "probe");
    this.#owner.onAway();
  }

  /** Takes what was held back: nobody will tell it again. */
  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const data of held) {
      if (this.#line) this.#owner.onData(this.#line, data);
    }
  }

  /** Ends the attempt that is on its way, and goes on with the socket that there is. */
  #drop(): void {
    this.#attempt++;
    this.#timers.clear("connect", "dial");
    this.#next?.close();
    this.#next = undefined;
    this.release();
  }

  #onOpen(line: Line, credential: unknown): void {
    if (line.protocol !== PROTOCOL) {
      this.#drop();
      return this.#owner.onOver(
        1002,
        `Cannot speak ${PROTOCOL}: start gateways with --resume`,
      );
    }
    this.#held = [];
    line.send(this.#owner.hello(credential));
  }

  #onEnd(line: Line, code: number, reason: string): void {
    // After an attempt that failed, its hello may take the session over all the same.
    const isOver = FINAL.includes(code) && (code !== 4009 || !this.#failures) ||
      code === EXPIRED && typeof this.#options.token !== "function";
    // The next one takes the session over, so that this one was told to go.
    if (this.#held && line === this.#line) this.#line = undefined;
    else if (isOver) this.#owner.onOver(code, reason);
    else if (this.isNew(line)) this.fail();
    else this.lose(code);
  }

  #retry(least = 0): void {
    let delay = this.#told;
    if (delay === undefined) {
      const first = this.#failures === 0 ? this.#spread : 0;
      const limit = Math.min(FIRST_RETRY * 2 ** this.#failures++, LAST_RETRY);
      delay = least + this.#environment.random() * Math.max(limit, first);
    }
    this.#timers.set("dial", delay, () => {
      this.#told = undefined;
      this.dial();
    });
  }

  #allowed(url: string): URL | undefined {
    const to = new URL(url, this.#url);
    const { origins = [] } = this.#options;
    const isKnown = [this.#url.origin, ...origins].includes(to.origin);
    // As texts, "ws:" comes before "wss:".
    const isWorse = to.protocol < this.#url.protocol;
    return isKnown && !isWorse ? to : undefined;
  }

  #tick(ms: number): void {
    this.#timers.set("tick", ms, () => {
      this.#failures = 0;
      if (!this.#isHeard) this.#probe();
      this.#isHeard = false;
      this.#tick(this.#ping * 0.75);
    });
  }

  #probe(): void {
    if (this.#timers.has("probe")) return;
    this.#line?.send(this.#owner.ping());
    this.#timers.set("probe", PROBE, () => {
      this.lose();
      this.wake();
    });
  }
}
