import { acceptAll } from "../base/accept_loop.ts";
import { formatAddress } from "../base/address.ts";
import { closeQuietly } from "../base/close_quietly.ts";
import { messageOf, ProtocolError } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import type { ByteStream, PeerStream } from "../peer/byte_stream.ts";
import type { PeerListener } from "../peer/peer_listener.ts";
import { BegunStream } from "./begun_stream.ts";
import { FIRST_LENGTH, isHello } from "./first_packet.ts";
import {
  HANDSHAKE_TIMEOUT,
  type Introduction,
  readExactly,
  receive,
  type Welcome,
} from "./handshake.ts";
import type { LinkedPeer } from "./linked_peer.ts";
import type { Refusals } from "../peer/refusals.ts";
import { Strangers } from "../peer/strangers.ts";
import type { Trust } from "../peer/trust.ts";

const logger = roomLogger("link");

/** Most connections in the middle of a handshake; for one more, another one has to go. */
const MAX_HANDSHAKES = 256;

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
  open(conn: ByteStream, peer: LinkedPeer): void;
  /**
   * Takes those who do not begin as our own nodes do; without it they are refused.
   * Resolves when it knows them, and has them in hand from then on.
   *
   * @param first What came of their first bytes.
   * @throws {ProtocolError} If nobody begins like that.
   * @throws {HandshakeError} If they are not trusted.
   */
  readonly receiveOther?:
    | ((conn: PeerStream, first: Uint8Array<ArrayBuffer>) => Promise<void>)
    | undefined;
}

/** A connection in the middle of its handshake. */
class Shaking {
  readonly conn: PeerStream;
  /** Why it was ended before its time; `undefined` if it was not. */
  ended: ProtocolError | undefined;

  constructor(conn: PeerStream) {
    this.conn = conn;
  }

  end(why: string): void {
    this.ended ??= new ProtocolError(`Cannot read handshake: ${why}`);
    closeQuietly(this.conn);
  }
}

/** Accepts links: does the handshake, hands over. */
export class LinkListener implements AsyncDisposable {
  readonly #listener: PeerListener;
  readonly #options: LinkListenerOptions;
  readonly #shaking = new Set<Shaking>();
  readonly #strangers = new Strangers<Shaking>();
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
    for (const { conn } of this.#shaking) closeQuietly(conn);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    const failed = (error: unknown, delay: number) =>
      logger.warn("Cannot accept link, trying again in {delay} ms: {reason}", {
        delay,
        reason: messageOf(error),
      });
    for await (const conn of acceptAll(this.#listener, { failed })) {
      void this.#receive(conn);
    }
  }

  async #receive(conn: PeerStream): Promise<void> {
    const { introduction, trust, refusals, welcome, open } = this.#options;
    const shaking = this.#admit(conn);
    const address = formatAddress(conn.remoteAddr);
    const { hostname } = conn.remoteAddr;
    const timer = setTimeout(
      () => shaking.end(`it was not over within ${HANDSHAKE_TIMEOUT} ms`),
      HANDSHAKE_TIMEOUT,
    );
    try {
      const told = welcome();
      const { secretKeys } = trust;
      const side = { introduction, secretKeys, address };
      const begun = await this.#begin(conn);
      if (begun === undefined) return;
      const peer = await receive(begun, side, told);
      if (this.#isClosed || shaking.ended !== undefined) {
        return closeQuietly(conn);
      }
      open(conn, peer);
    } catch (error) {
      closeQuietly(conn);
      if (!this.#isClosed) refusals.add(hostname, shaking.ended ?? error);
    } finally {
      clearTimeout(timer);
      this.#shaking.delete(shaking);
      this.#strangers.delete(hostname, shaking);
    }
  }

  /** Finds out who it is; returns nothing of those who are in other hands. */
  async #begin(conn: PeerStream): Promise<ByteStream | undefined> {
    const { receiveOther } = this.#options;
    if (receiveOther === undefined) return conn;
    const first = await readExactly(conn, FIRST_LENGTH);
    if (isHello(first)) return new BegunStream(conn, first);
    await receiveOther(conn, first);
    return undefined;
  }

  /** Makes room for one more. */
  #admit(conn: PeerStream): Shaking {
    if (this.#strangers.size >= MAX_HANDSHAKES) {
      this.#strangers.evict()?.end(
        `${MAX_HANDSHAKES} others were not over, and most of them of one address`,
      );
    }
    const shaking = new Shaking(conn);
    this.#shaking.add(shaking);
    this.#strangers.add(conn.remoteAddr.hostname, shaking);
    return shaking;
  }
}
