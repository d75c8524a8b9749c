import type { Address } from "../base/address.ts";
import type { PeerStream } from "./byte_stream.ts";
import { tuned } from "./dial_peer.ts";
import type { PeerListener, PeerListenerOptions } from "./peer_listener.ts";

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
