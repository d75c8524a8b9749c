/**
 * TLS between nodes. By way of `node:tls`, since `Deno.listenTls` cannot ask for a
 * client's certificate nor change its own, and `Deno.connectTls` believes public
 * authorities beside the cluster's.
 *
 * @module
 */
import { connect as connectTcp, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import type { Address } from "../base/address.ts";
import { HandshakeError, messageOf, SilentPeerError } from "../base/errors.ts";
import { TlsStream } from "../base/tls_stream.ts";
import type { TlsIdentity } from "./trust.ts";

/** Milliseconds of silence after which the system asks whether the peer is there. */
const KEEP_ALIVE_DELAY = 60_000;

/** Takes over a connection on which the TLS handshake is done. */
export function peerStreamOf(raw: Socket, socket: TLSSocket): TlsStream {
  const remoteAddr = {
    transport: "tcp" as const,
    hostname: raw.remoteAddress ?? "",
    port: raw.remotePort ?? 0,
  };
  raw.setNoDelay(true);
  raw.setKeepAlive(true, KEEP_ALIVE_DELAY);
  return new TlsStream(raw, socket, { remoteAddr, toError: toPeerError });
}

/**
 * Dials a node with TLS.
 *
 * @throws {HandshakeError} If the certificates do not fit.
 * @throws {SilentPeerError} If it took the connection, and said nothing for too long.
 * @throws {Deno.errors.ConnectionRefused} If nobody listens there.
 */
export async function dialTls(
  { hostname, port }: Address,
  identity: TlsIdentity,
  signal: AbortSignal,
): Promise<TlsStream> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const raw = connectTcp({ host: hostname, port });
  const socket = connect({ socket: raw, host: hostname, ...identity });
  let isTaken = false;
  const abort = () => reject(isTaken ? silent() : signal.reason);
  raw.once("connect", () => isTaken = true);
  raw.on("error", (error) => reject(toPeerError(error)));
  socket.once("secureConnect", () => resolve());
  socket.once("error", (error) => reject(toPeerError(error)));
  signal.addEventListener("abort", abort);
  try {
    signal.throwIfAborted();
    await promise;
    return peerStreamOf(raw, socket);
  } catch (error) {
    // What it says while it ends was said already.
    socket.on("error", () => {});
    socket.destroy();
    raw.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function silent(): SilentPeerError {
  return new SilentPeerError(
    "Cannot dial: the peer took the connection, and said nothing of TLS",
  );
}

/** Returns an error of `node:net` and `node:tls` as those that Deno and we have. */
export function toPeerError(error: Error): Error {
  const code = "code" in error ? error.code : "";
  const message = messageOf(error);
  switch (code) {
    case "ECONNREFUSED":
      return new Deno.errors.ConnectionRefused(message);
    case "ECONNRESET":
      return new Deno.errors.ConnectionReset(message);
    case "EADDRINUSE":
      return new Deno.errors.AddrInUse(message);
    case "EADDRNOTAVAIL":
      return new Deno.errors.AddrNotAvailable(message);
    default:
      return /alert|certificate|altname/i.test(`${code} ${message}`)
        ? new HandshakeError(`Cannot trust peer: ${message}`, { cause: error })
        : error;
  }
}
