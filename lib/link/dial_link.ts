import type { Address } from "../base/address.ts";
import { closeQuietly } from "../base/close_quietly.ts";
import { SilentPeerError } from "../base/errors.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { dialPeer } from "../peer/dial_peer.ts";
import type { Trust } from "../peer/trust.ts";
import {
  greet,
  HANDSHAKE_TIMEOUT,
  type Introduction,
  type Welcome,
} from "./handshake.ts";
import type { LinkedPeer } from "./linked_peer.ts";

/** Milliseconds that a connect may take. */
const CONNECT_TIMEOUT = 3_000;

/** A gateway that is ready to be linked to. */
export interface Greeted {
  /** A connection on which the handshake is done. */
  readonly conn: ByteStream;
  /** Who answered. */
  readonly peer: LinkedPeer;
  /** What it told. */
  readonly welcome: Welcome;
}

/** How to dial a gateway. */
export interface DialLinkOptions {
  /** The same address as it is written, `host:port`. */
  readonly address: string;
  /** What the caller says of itself. */
  readonly introduction: Introduction;
  /** What the caller believes and shows. */
  readonly trust: Trust;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/**
 * Connects to a gateway and shakes hands, once.
 *
 * @param target Where it listens.
 * @param options Who dials, and for how long.
 * @throws {HandshakeError} If either side does not trust the other.
 * @throws {ProtocolError} If nobody is there, or no gateway.
 * @throws {SilentPeerError} If the other side took the connection, and said nothing.
 */
export async function dialLink(
  target: Address,
  { address, introduction, trust, signal }: DialLinkOptions,
): Promise<Greeted> {
  const connecting = AbortSignal.any([
    signal,
    AbortSignal.timeout(CONNECT_TIMEOUT),
  ]);
  const conn = await dialPeer(target, trust, connecting);
  const end = () => closeQuietly(conn);
  let isSilent = false;
  const timer = setTimeout(() => {
    isSilent = true;
    end();
  }, HANDSHAKE_TIMEOUT);
  signal.addEventListener("abort", end);
  try {
    // An abort between the dial and this line was heard by nobody.
    signal.throwIfAborted();
    const { secretKeys } = trust;
    const side = { introduction, secretKeys, address };
    return { conn, ...await greet(conn, side) };
  } catch (error) {
    end();
    throw isSilent ? silent() : error;
  } finally {
    signal.removeEventListener("abort", end);
    clearTimeout(timer);
  }
}

function silent(): SilentPeerError {
  return new SilentPeerError(
    `Cannot link: the gateway took the connection, and said nothing within ${HANDSHAKE_TIMEOUT} ms`,
  );
}
