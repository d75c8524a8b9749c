import type { Address } from "../base/address.ts";
import type { PeerListener, PeerListenerOptions } from "./peer_listener.ts";
import { TcpPeerListener } from "./tcp_peer_listener.ts";
import { TlsPeerListener } from "./tls_peer_listener.ts";

export type { PeerListener };

/**
 * Listens for other nodes, with TLS if this node has a certificate.
 *
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 * @throws {TypeError} If nodes must show certificates and this one has none.
 */
export async function listenForPeers(
  address: Address,
  options: PeerListenerOptions,
): Promise<PeerListener> {
  const { identity } = options.trust;
  if (identity === undefined) return new TcpPeerListener(address, options);
  if (identity.cert !== undefined) {
    return await TlsPeerListener.listen(address, options);
  }
  throw new TypeError(
    "Cannot listen for nodes with TLS as that needs a certificate: only lanCa was given, lanCert and lanKey are missing",
  );
}
