import type { Address } from "../base/address.ts";
import type { PeerListener, PeerStream } from "./byte_stream.ts";
import { tuned } from "./dial_peer.ts";
import type { Refusals } from "./refusals.ts";
import { TlsPeerListener } from "./tls_peer_listener.ts";
import type { Trust } from "./trust.ts";

/** What {@linkcode listenForPeers} goes by. */
export interface PeerListenerOptions {
  /** Who may come, and what this node shows. */
  readonly trust: Trust;
  /** Takes those who are turned away. */
  readonly refusals: Refusals;
}

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

/** Listens for other nodes without TLS. */
export class TcpPeerListener implements PeerListener {
  readonly #listener: Deno.TcpListener;
  readonly #options: PeerListenerOptions;

  /** @throws {Deno.errors.AddrInUse} If the port is taken. */
  constructor({ hostname, port }: Address, options: PeerListenerOptions) {
    this.#listener = Deno.listen({ hostname, port });
    this.#options = options;
  }

  /** The address bound. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Waits for the next node that may come. */
  async accept(): Promise<PeerStream> {
    const { trust, refusals } = this.#options;
    while (true) {
      const conn = await this.#listener.accept();
      const { hostname } = conn.remoteAddr;
      const refusal = trust.refusalOf(hostname);
      if (refusal === undefined) return tuned(conn);
      conn.close();
      refusals.add(hostname, refusal);
    }
  }

  /** Takes nobody new. */
  close(): void {
    this.#listener.close();
  }
}
