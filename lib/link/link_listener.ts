import { formatAddress } from "../base/address.ts";
import { messageOf, ProtocolError } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import {
  type ByteStream,
  closeQuietly,
  type PeerListener,
  type PeerStream,
} from "./byte_stream.ts";
import {
  HANDSHAKE_TIMEOUT,
  type Introduction,
  receive,
  type Welcome,
} from "./handshake.ts";
import type { Peer } from "./link.ts";
import type { Refusals } from "./refusals.ts";
import type { Trust } from "./trust.ts";

const logger = roomLogger("link");

/** Most connections in the middle of a handshake; more are closed at once. */
const MAX_HANDSHAKES = 256;

/** First pause after a failed accept, and the longest, in milliseconds. */
const MIN_ACCEPT_DELAY = 5;
const MAX_ACCEPT_DELAY = 1_000;

/** How a {@linkcode LinkListener} receives peers. */
export interface LinkListenerOptions {
  /** What the caller says of itself. */
  readonly introduction: Introduction;
  /** What is believed. */
  readonly trust: Trust;
  /** Takes those who are turned away. */
  readonly refusals: Refusals;
  /** What peers are told. */
  readonly welcome: () => Welcome;
  /** A peer has proved itself. */
  open(conn: ByteStream, peer: Peer): void;
}

/** Accepts links: does the handshake, hands over. */
export class LinkListener implements AsyncDisposable {
  readonly #listener: PeerListener;
  readonly #options: LinkListenerOptions;
  readonly #shaking = new Set<ByteStream>();
  readonly #accepting: Promise<void>;
  #isClosed = false;

  /** Accepts at once. The listener is from now on nobody else's. */
  constructor(listener: PeerListener, options: LinkListenerOptions) {
    this.#options = options;
    this.#listener = listener;
    this.#accepting = this.#accept();
  }

  /** Where it listens; port 0 has become a real one. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Stops accepting. Links that were handed over live on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const conn of this.#shaking) closeQuietly(conn);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    let delay = MIN_ACCEPT_DELAY;
    while (true) {
      try {
        const conn = await this.#listener.accept();
        delay = MIN_ACCEPT_DELAY;
        void this.#receive(conn);
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        logger.warn(
          "Cannot accept link, trying again in {delay} ms: {reason}",
          {
            delay,
            reason: messageOf(error),
          },
        );
        await new Promise((resolve) => setTimeout(resolve, delay));
        delay = Math.min(delay * 2, MAX_ACCEPT_DELAY);
      }
    }
  }

  async #receive(conn: PeerStream): Promise<void> {
    const { introduction, trust, refusals, welcome, open } = this.#options;
    if (this.#shaking.size >= MAX_HANDSHAKES) {
      refusals.count++;
      return closeQuietly(conn);
    }
    const address = formatAddress(conn.remoteAddr);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      closeQuietly(conn);
    }, HANDSHAKE_TIMEOUT);
    this.#shaking.add(conn);
    try {
      const told = welcome();
      const { secretKeys } = trust;
      const peer = await receive(conn, introduction, secretKeys, address, told);
      if (this.#isClosed) return closeQuietly(conn);
      open(conn, peer);
    } catch (error) {
      closeQuietly(conn);
      const reason = isLate ? tooLate() : error;
      if (!this.#isClosed) refusals.add(conn.remoteAddr.hostname, reason);
    } finally {
      clearTimeout(timer);
      this.#shaking.delete(conn);
    }
  }
}

function tooLate(): ProtocolError {
  return new ProtocolError(
    `Cannot read handshake: it was not over within ${HANDSHAKE_TIMEOUT} ms`,
  );
}
