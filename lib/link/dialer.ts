import { type Address, parseAddress } from "../base/address.ts";
import { backoff } from "../base/backoff.ts";
import { HandshakeError, messageOf, ProtocolError } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import { closeQuietly } from "../base/close_quietly.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { dialLink, type Greeted } from "./dial_link.ts";
import type { Introduction, Welcome } from "./handshake.ts";
import type { Link } from "./link.ts";
import type { LinkedPeer } from "./linked_peer.ts";
import type { Trust } from "../peer/trust.ts";
import { pause } from "../base/pause.ts";

const logger = roomLogger("link");

/** Most milliseconds between two attempts. */
const MAX_DELAY = 2_000;

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

  #greet(): Promise<Greeted> {
    const { address, introduction, trust } = this.#options;
    const { signal } = this.#stop;
    return dialLink(this.#target, { address, introduction, trust, signal });
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
