import { type Address, parseAddress } from "../base/address.ts";
import { backoff } from "../base/backoff.ts";
import {
  HandshakeError,
  messageOf,
  ProtocolError,
  SilentPeerError,
} from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import { closeQuietly } from "../base/close_quietly.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { dialPeer } from "../peer/dial_peer.ts";
import { greet, HANDSHAKE_TIMEOUT, type Introduction } from "./handshake.ts";
import type { Welcome } from "./handshake.ts";
import type { Link, LinkedPeer } from "./link.ts";
import type { Trust } from "../peer/trust.ts";
import { pause } from "../base/pause.ts";

const logger = roomLogger("link");

/** Milliseconds that a connect may take. */
const CONNECT_TIMEOUT = 3_000;

/** Most milliseconds between two attempts. */
const MAX_DELAY = 2_000;

/** A gateway that is ready to be linked to. */
export interface Greeted {
  /** A connection on which the handshake is done. */
  readonly conn: ByteStream;
  /** Who answered. */
  readonly peer: LinkedPeer;
  /** What it told. */
  readonly welcome: Welcome;
}

/** How a {@linkcode Dialer} dials, and whom it tells. */
export interface DialerOptions {
  /** The gateway's internal address, `host:port`. */
  readonly address: string;
  /** What the caller says of itself. */
  readonly introduction: Introduction;
  /** What the caller believes and shows. */
  readonly trust: Trust;
  /**
   * Connects to a gateway of another kind, in place of our handshake.
   *
   * @default {undefined}
   */
  greet?: ((signal: AbortSignal) => Promise<Greeted>) | undefined;
  /** Makes the link of a connection on which the handshake is done. */
  open(conn: ByteStream, peer: LinkedPeer, welcome: Welcome): Link;
  /** An attempt failed; another follows. */
  onFailed?(error: unknown): void;
}

/** Keeps one outbound link up: dials, and dials again when the link is lost, until closed. */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #target: Address;
  readonly #stop = new AbortController();
  #link: Link | undefined;
  #finished: Promise<void> | undefined;
  /** What was last said of why there is no link; nothing since there was one. */
  #told: string | undefined;
  /** Whether the gateway said that it leaves, and has not been there since. */
  #hasLeft = false;

  /**
   * @param options How to dial.
   * @throws {TypeError} If the address is none.
   */
  constructor(options: DialerOptions) {
    this.#options = options;
    this.#target = parseAddress(options.address);
  }

  /** The link, while there is one. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** Begins to dial; returns at once. */
  start(): void {
    this.#finished ??= this.#run();
  }

  /** The gateway said that it leaves: that nobody listens there is no news. */
  expectGone(): void {
    this.#hasLeft = true;
  }

  /** Stops dialling and closes the link, after what is queued on it was written. */
  async close(): Promise<void> {
    this.#stop.abort(new DOMException("The dialer is closed", "AbortError"));
    await this.#link?.close();
    await this.#finished;
  }

  async #run(): Promise<void> {
    let delays = backoff({ maxDelay: MAX_DELAY });
    while (!this.#stop.signal.aborted) {
      try {
        const link = await this.#dial();
        this.#told = undefined;
        this.#hasLeft = false;
        delays = backoff({ maxDelay: MAX_DELAY });
        await link.closed;
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#warn(error);
        this.#options.onFailed?.(error);
      }
      await pause(delays.next().value, this.#stop.signal);
    }
  }

  async #dial(): Promise<Link> {
    const { signal } = this.#stop;
    const { greet = () => this.#greet(), open } = this.#options;
    const { conn, peer, welcome } = await greet(signal);
    try {
      // An abort that came with the answer was heard by nobody.
      signal.throwIfAborted();
      return this.#link = open(conn, peer, welcome);
    } catch (error) {
      closeQuietly(conn);
      throw error;
    }
  }

  async #greet(): Promise<Greeted> {
    const { address, introduction, trust } = this.#options;
    const signal = AbortSignal.any([
      this.#stop.signal,
      AbortSignal.timeout(CONNECT_TIMEOUT),
    ]);
    const conn = await dialPeer(this.#target, trust, signal);
    const end = () => closeQuietly(conn);
    let isSilent = false;
    const timer = setTimeout(() => {
      isSilent = true;
      end();
    }, HANDSHAKE_TIMEOUT);
    this.#stop.signal.addEventListener("abort", end);
    try {
      // An abort between the dial and this line was heard by nobody.
      this.#stop.signal.throwIfAborted();
      const { secretKeys } = trust;
      const side = { introduction, secretKeys, address };
      return { conn, ...await greet(conn, side) };
    } catch (error) {
      end();
      throw isSilent ? silent() : error;
    } finally {
      this.#stop.signal.removeEventListener("abort", end);
      clearTimeout(timer);
    }
  }

  /** Says why there is no link, once for each reason: that it stays so is no news. */
  #warn(error: unknown): void {
    const { address } = this.#options;
    const refused = error instanceof HandshakeError ||
      error instanceof ProtocolError;
    const reason = messageOf(error);
    if (reason === this.#told || !refused && this.#hasLeft) return;
    this.#told = reason;
    logger[refused ? "error" : "info"](
      "Cannot link to gateway {address}: {reason}; trying again and again",
      { address, reason },
    );
  }
}

function silent(): SilentPeerError {
  return new SilentPeerError(
    `Cannot link: the gateway took the connection, and said nothing within ${HANDSHAKE_TIMEOUT} ms`,
  );
}
