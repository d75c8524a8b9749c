import { type Address, formatAddress } from "../base/address.ts";
import { messageOf } from "../base/errors.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import {
  HANDSHAKE_TIMEOUT,
  type Introduction,
  receive,
  type Welcome,
} from "./handshake.ts";
import type { Peer } from "./link.ts";

const logger = roomLogger("link");
const limited = new RateLimitedLog();

/** Most connections in the middle of a handshake; more are closed at once. */
const MAX_HANDSHAKES = 256;

/** First pause after a failed accept, and the longest, in milliseconds. */
const MIN_ACCEPT_DELAY = 5;
const MAX_ACCEPT_DELAY = 1_000;

/** How a {@linkcode LinkListener} receives peers. */
export interface LinkListenerOptions {
  /** What the caller says of itself. */
  readonly introduction: Introduction;
  /** Every secret key that is accepted; empty for none. */
  readonly secretKeys: readonly string[];
  /** What peers are told. */
  readonly welcome: () => Welcome;
  /** A peer has proved itself. */
  open(conn: Deno.Conn, peer: Peer): void;
}

/** Accepts links: listens, does the handshake, hands over. */
export class LinkListener implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #options: LinkListenerOptions;
  readonly #shaking = new Set<Deno.Conn>();
  readonly #accepting: Promise<void>;

  /**
   * Listens at once.
   *
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  constructor(address: Address, options: LinkListenerOptions) {
    this.#options = options;
    this.#listener = Deno.listen({ ...address, transport: "tcp" });
    this.#accepting = this.#accept();
  }

  /** Where it listens; port 0 has become a real one. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Stops accepting. Links that were handed over live on. */
  async [Symbol.asyncDispose](): Promise<void> {
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

  async #receive(conn: Deno.TcpConn): Promise<void> {
    if (this.#shaking.size >= MAX_HANDSHAKES) return closeQuietly(conn);
    const { introduction, secretKeys, welcome, open } = this.#options;
    const address = formatAddress(conn.remoteAddr);
    const timer = setTimeout(() => closeQuietly(conn), HANDSHAKE_TIMEOUT);
    this.#shaking.add(conn);
    try {
      conn.setNoDelay(true);
      const told = welcome();
      const peer = await receive(conn, introduction, secretKeys, address, told);
      open(conn, peer);
    } catch (error) {
      closeQuietly(conn);
      this.#warn(conn.remoteAddr.hostname, error);
    } finally {
      clearTimeout(timer);
      this.#shaking.delete(conn);
    }
  }

  #warn(host: string, error: unknown): void {
    const reason = messageOf(error);
    limited.once(`${host} ${reason}`, (suppressed) => {
      logger.warn(
        "Refused a link from {host}: {reason} ({suppressed} like this before)",
        { host, reason, suppressed },
      );
    });
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was closed already, by the time-out or by the peer: that is what is wanted.
  }
}
