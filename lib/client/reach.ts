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
const [FIRST_RETRY, LAST_RETRY] = [500, 20_000];

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
  /** Given up once the next is welcomed; it is not read any more. */
  #old: Line | undefined;
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
          this.#owner.onData(line, data);
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
    const old = this.#old;
    this.#timers.clear("connect");
    this.#line = line;
    this.#next = this.#old = undefined;
    this.#ping = ping;
    this.#spread = spread;
    // What lasts for a second was no failure.
    this.#tick(1000);
    return old;
  }

  /** The gateway says when to connect anew, and where. */
  later({ after, url }: Later): void {
    this.#told = Math.min(after, LONGEST_WAIT);
    if (url !== undefined) this.#elsewhere = this.#allowed(url);
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
    this.#line?.close();
    this.#line = undefined;
    this.#timers.clear("tick", "probe");
    this.#owner.onAway();
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
    this.#line?.close(code);
    this.#line = undefined;
    this.#timers.clear();
    this.#told = undefined;
    this.#owner.onAway();
  }

  /** Says that nobody will come back, and lets go. */
  end(): void {
    (this.#line ?? this.#next)?.send("b");
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

  /** Ends the attempt that is on its way. */
  #drop(): void {
    this.#attempt++;
    this.#timers.clear("connect", "dial");
    this.#next?.close();
    this.#old?.close();
    this.#next = this.#old = undefined;
  }

  /** From the hello on, the socket before is not read any more. */
  #onOpen(line: Line, credential: unknown): void {
    if (line.protocol !== PROTOCOL) {
      this.#drop();
      return this.#owner.onOver(
        1002,
        `Cannot speak ${PROTOCOL} there: start gateways with --resume`,
      );
    }
    this.#old = this.#line;
    this.#old?.mute();
    this.#line = undefined;
    line.send(this.#owner.hello(credential));
  }

  #onEnd(line: Line, code: number, reason: string): void {
    const isOver = FINAL.includes(code) ||
      code === EXPIRED && typeof this.#options.token !== "function";
    if (isOver) this.#owner.onOver(code, reason);
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
    const isWorse = this.#url.protocol === "wss:" && to.protocol !== "wss:";
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
