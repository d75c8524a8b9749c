import { hostOf } from "../../base/address.ts";
import { Pace } from "../../base/pace.ts";
import type { ResumeReport } from "../../observe/resume_report.ts";
import type { ConnectionLimit } from "../admission/connection_limit.ts";
import { TOO_MANY } from "../admission/refusal_answers.ts";
import type { ConnectionListener, Keeper, Refusal } from "../connection.ts";
import { Attachment, type Door } from "./attachment.ts";
import {
  type Claimer,
  type ClaimOutcome,
  type FreshReason,
  ORIGINS,
} from "./claimer.ts";
import { GapsTold } from "./gaps_told.ts";
import { LastingConnection } from "./lasting_connection.ts";
import type { Hello } from "./letters.ts";
import {
  type MovedSession,
  packSession,
  unpackSession,
} from "./moved_session.ts";
import { LOST, REPLACED } from "./reasons.ts";
import { RingPool } from "./ring.ts";
import type { SharedKeeping } from "./shared_keeping.ts";
import {
  hashOf,
  opaqueId,
  TokenMint,
  type TokenMintOptions,
  type TokenOrigin,
  type TokenTrace,
} from "./token.ts";

/** How often it is looked what is due, in milliseconds. */
const TICK = 250;

/** Clients a second that a gateway takes back without the others noticing. */
const RETURNS_PER_SECOND = 1_000;

/** Most milliseconds over which clients are told to spread their return. */
const MAX_SPREAD = 30_000;

/** Windows for which a token is good that was shown already. */
const FORMER_WINDOWS = 2;

/** How sessions outlive their sockets, with every default filled in. */
export interface ResumeSettings {
  /** Milliseconds that a client may be away. */
  readonly window: number;
  /** Most bytes that are kept of what was sent to one client. */
  readonly bytes: number;
  /** Most of all clients together. */
  readonly total: number;
  /** Most clients that may be away at a time. */
  readonly maxAway: number;
  /** Milliseconds from one ping to the next. */
  readonly pingInterval: number;
}

/** Options for {@linkcode LastingConnections}. */
export interface LastingConnectionsOptions
  extends ResumeSettings, Pick<Door, "helloTimeout" | "authorizeTimeout"> {
  /** Clients a second that other gateways let in; 0 or left out if that is not known. */
  readonly acceptRate?: number;
  /** Whose tokens these are. */
  readonly tokens: TokenMintOptions;
  /** Counts clients. */
  readonly limit: ConnectionLimit;
  /** The clock, in milliseconds; one that stands still with the process if left out. */
  readonly now?: () => number;
}

/** There is somebody to be asked who cannot be asked now. */
const NOT_NOW: Refusal = { status: 503, headers: [["Retry-After", "0.5"]] };

/** The sessions of one gateway that may outlive their sockets. */
export class LastingConnections
  implements Keeper, Door, SharedKeeping<LastingConnection>, Disposable {
  readonly #options: LastingConnectionsOptions;
  readonly #mint: TokenMint;
  readonly #pace = new Pace(TICK);
  readonly #now: () => number;
  readonly #byToken = new Map<string, LastingConnection>();
  readonly #all = new Set<LastingConnection>();
  /** Those who were away the longest come first. */
  readonly #away = new Set<LastingConnection>();
  #owing = new Set<LastingConnection>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #resumed = 0;
  #replaced = 0;
  #fresh = 0;
  readonly gaps: GapsTold = new GapsTold();
  #expired = 0;
  /** Fetches sessions of other gateways, where there may be any. */
  claimer: Claimer | undefined;
  readonly pool: RingPool;

  /** @param options Limits and times. */
  constructor(options: LastingConnectionsOptions) {
    this.#options = options;
    this.#mint = new TokenMint(options.tokens);
    this.#now = options.now ?? (() => this.#pace.time);
    this.pool = new RingPool(options);
  }

  get helloTimeout(): number {
    return this.#options.helloTimeout;
  }

  get authorizeTimeout(): number {
    return this.#options.authorizeTimeout;
  }

  get maxWindow(): number {
    return this.#options.window;
  }

  get time(): number {
    return this.#now();
  }

  get spread(): number {
    const rate = this.#options.acceptRate || RETURNS_PER_SECOND;
    const spread = this.#all.size / rate * 1_000;
    return Math.min(Math.round(spread), MAX_SPREAD);
  }

  /** How they are. */
  get figures(): ResumeReport {
    return {
      sessions: this.#all.size,
      away: this.#away.size,
      ringBytes: this.pool.bytes,
      resumed: this.#resumed,
      replaced: this.#replaced,
      fresh: this.#fresh,
      ...this.gaps.figures,
      expired: this.#expired,
    };
  }

  /** Begins to look what is due. */
  start(): void {
    this.#timer ??= setInterval(() => this.#pace.tick() && this.tick(), TICK);
  }

  /** Looks what is due no more. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  greet(listener: ConnectionListener): ConnectionListener {
    return new Attachment(this, listener);
  }

  enter(
    attachment: Attachment,
    hello: Hello,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const { token } = hello;
    const session = this.find(hashOf(token));
    if (session !== undefined) {
      const reason = this.#whyNot(session, attachment, hello);
      if (reason !== undefined) return this.#open(attachment, reason);
      return this.#resume(session, attachment, hello);
    }
    if (token === "") return this.#open(attachment, "new");
    const origin = this.#mint.originOf(token);
    return this.#claim(attachment, hello, origin)?.then((outcome) => {
      if (outcome === "landed") return undefined;
      if (outcome === "later") return NOT_NOW;
      if (!attachment.isWaiting) return undefined;
      // Another socket of the same client may have brought it here meanwhile.
      return this.find(hashOf(token)) === undefined
        ? this.#open(attachment, outcome)
        : this.enter(attachment, hello);
    }) ?? this.#open(attachment, ORIGINS[origin]);
  }

  /** The session of a token that is good. */
  find(hash: string): LastingConnection | undefined {
    const session = this.#byToken.get(hash);
    const isFormer = session?.formerToken === hash;
    if (isFormer && this.time > session.formerUntil) return undefined;
    return session;
  }

  /** Whether this gateway, since it was started, has made a token. */
  hasMade(trace: TokenTrace): boolean {
    return this.#mint.hasMade(trace);
  }

  /** What tokens of a gateway may begin with. */
  hintsOf(gatewayId: string): string[] {
    return this.#mint.hintsOf(gatewayId);
  }

  /**
   * Lets another gateway have a session: its socket goes, and it is over here, without
   * a word to its listener.
   *
   * @param take Called with what it is, in views of memory that is gone after the call.
   */
  give(
    session: LastingConnection,
    take: (moved: MovedSession) => void,
  ): void {
    const { time } = this;
    const awaySince = Math.min(session.awaySince, time);
    session.detach(REPLACED);
    session.awaySince = awaySince;
    take(packSession(session, time));
    session.release();
  }

  confirm(session: LastingConnection): void {
    this.#byToken.delete(session.formerToken);
    session.formerToken = "";
  }

  owe(session: LastingConnection): void {
    this.#owing.add(session);
  }

  onAway(session: LastingConnection): void {
    this.#away.add(session);
    this.#options.limit.stayFrom(hostOf(session.remoteAddress));
    const [longest] = this.#away;
    if (this.#away.size > this.#options.maxAway) this.#expire(longest);
  }

  onClosing(session: LastingConnection): void {
    this.#byToken.delete(session.token);
    this.#byToken.delete(session.formerToken);
    this.#isBack(session);
  }

  onEnded(session: LastingConnection): void {
    this.#owing.delete(session);
    this.#all.delete(session);
  }

  /** Does what is due. The timer does this by itself. */
  tick(): void {
    const owing = this.#owing;
    this.#owing = new Set();
    for (const session of owing) session.receipt.check();
    const { time } = this;
    for (const session of this.#away) {
      if (time - session.awaySince >= session.window) this.#expire(session);
    }
    const { isTight } = this.pool;
    for (const session of this.#all) {
      if (isTight) session.ring.shrink();
      if (time < session.lookAt) continue;
      session.lookAt = time + this.#options.pingInterval;
      session.ring.relax();
      session.look();
    }
  }

  #whyNot(
    session: LastingConnection,
    { newcomer }: Attachment,
    { received }: Hello,
  ): FreshReason | undefined {
    // Who has more than was ever sent has it from somebody else.
    if (received > session.ring.sent) return "lost";
    return session.listener.onReturn?.(newcomer) === false
      ? "refused"
      : undefined;
  }

  #resume(
    session: LastingConnection,
    attachment: Attachment,
    { token, received }: Hello,
  ): undefined {
    const isAway = this.#away.has(session);
    const away = isAway ? this.time - session.awaySince : 0;
    if (!isAway) this.#replaced++;
    this.#isBack(session);
    const welcome = this.#renew(session, hashOf(token));
    this.#greet(session, attachment, { received, welcome, away });
  }

  /** The client of a session is back. */
  #greet(
    session: LastingConnection,
    attachment: Attachment,
    { received, welcome, away }: {
      readonly received: number;
      readonly welcome: Record<string, unknown>;
      readonly away: number;
    },
  ): void {
    this.#resumed++;
    attachment.join(session);
    const gap = session.attach(attachment, received, {
      resumed: true,
      ...welcome,
    });
    session.listener.onBack?.(gap, Math.round(away));
  }

  #claim(
    attachment: Attachment,
    hello: Hello,
    origin: TokenOrigin,
  ): Promise<ClaimOutcome> | undefined {
    const { newcomer, socket: { remoteAddress } } = attachment;
    const { token, received } = hello;
    return this.claimer?.claim({
      token,
      origin,
      received,
      newcomer,
      remoteAddress,
      get isThere() {
        return attachment.isWaiting;
      },
      land: (moved, settle) => {
        const window = Math.min(moved.window, this.maxWindow);
        const session = this.#begin(attachment, moved.id, window);
        unpackSession(session, moved);
        this.#byToken.set(hashOf(token), session);
        const welcome = this.#renew(session, hashOf(token));
        settle(session);
        const { away } = moved;
        if (session.isOpen && attachment.isWaiting) {
          this.#greet(session, attachment, { received, welcome, away });
        } else if (session.isOpen) {
          session.awaySince = this.time - away;
          this.onAway(session);
        }
      },
    });
  }

  #begin(
    attachment: Attachment,
    id: string,
    window: number,
  ): LastingConnection {
    const { newcomer: listener } = attachment;
    const identity = { listener, id, window };
    const session = new LastingConnection(this, attachment, identity);
    this.#all.add(session);
    return session;
  }

  #open(attachment: Attachment, reason: FreshReason): Refusal | undefined {
    const { newcomer: listener, request, socket } = attachment;
    if (!this.#options.limit.mayStay(hostOf(socket.remoteAddress))) {
      return TOO_MANY;
    }
    if (reason !== "new") this.#fresh++;
    const session = this.#begin(attachment, opaqueId(), this.maxWindow);
    attachment.join(session);
    session.attach(attachment, 0, {
      resumed: false,
      ...this.#renew(session, ""),
      reason,
    });
    listener.onOpen(session, request);
    return undefined;
  }

  /** Issues a token; the one that was shown stays good until it is known to be read. */
  #renew(session: LastingConnection, shown: string): Record<string, unknown> {
    const token = this.#mint.make();
    for (const old of [session.token, session.formerToken]) {
      if (old !== shown) this.#byToken.delete(old);
    }
    session.lookAt = this.time + this.#options.pingInterval;
    session.formerToken = shown;
    session.formerUntil = this.time + FORMER_WINDOWS * session.window;
    session.token = hashOf(token);
    this.#byToken.set(session.token, session);
    return {
      t: token,
      id: session.id,
      ping: this.#options.pingInterval,
      spread: this.spread,
      window: session.window,
    };
  }

  #isBack(session: LastingConnection): void {
    if (!this.#away.delete(session)) return;
    this.#options.limit.goFrom(hostOf(session.remoteAddress));
  }

  #expire(session: LastingConnection | undefined): void {
    if (session === undefined) return;
    this.#expired++;
    session.close(LOST);
  }
}
