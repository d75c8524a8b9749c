import type { Address } from "../base/address.ts";
import type { PeerStream } from "./byte_stream.ts";
import { dialTls } from "./tls_peer_stream.ts";
import type { Trust } from "./trust.ts";

/**
 * Connects to another node, with TLS if there is something to check it against.
 *
 * @param address Where it listens; a host name is looked up.
 * @param trust What this node believes and shows.
 * @param signal Ends the attempt.
 * @throws {HandshakeError} If the certificates do not fit.
 * @throws {Deno.errors.ConnectionRefused} If nobody listens there.
 */
export async function dialPeer(
  address: Address,
  trust: Trust,
  signal: AbortSignal,
): Promise<PeerStream> {
  const { identity } = trust;
  if (identity !== undefined) return await dialTls(address, identity, signal);
  const { hostname, port } = address;
  return tuned(await Deno.connect({ hostname, port, signal }));
}

/**
 * Sets a connection up for talk between nodes: small frames leave at once, and the
 * system finds out that a silent peer's machine is gone.
 */
export function tuned(conn: Deno.TcpConn): Deno.TcpConn {
  try {
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
  } catch {
    // The peer has left already: the first read says so.
  }
  return conn;
}
