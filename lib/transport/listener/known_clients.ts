import type { TLSSocket } from "node:tls";
import {
  type ClientCertificate,
  clientCertificateOf,
} from "../../base/client_certificate.ts";

/** Most certificates that are remembered. */
const MOST = 50_000;

/**
 * The certificates of clients that were checked in a whole handshake. The runtime
 * takes up sessions that were begun at any port of this process, also where nobody is
 * asked for a certificate, and checks none of them again: so a session that is resumed
 * counts if its certificate is known here.
 */
export class KnownClients {
  readonly #fingerprints = new Set<string>();

  /** Returns the certificate that a client may come in with; `undefined` if there is none. */
  check(socket: TLSSocket): ClientCertificate | undefined {
    const shown = socket.getPeerX509Certificate();
    if (shown === undefined || !socket.authorized) return undefined;
    const certificate = clientCertificateOf(shown);
    const { fingerprint } = certificate;
    if (!socket.isSessionReused()) this.#remember(fingerprint);
    return this.#fingerprints.has(fingerprint) ? certificate : undefined;
  }

  /** Others are believed from now on: each has to be checked anew. */
  forget(): void {
    this.#fingerprints.clear();
  }

  #remember(fingerprint: string): void {
    this.#fingerprints.delete(fingerprint);
    this.#fingerprints.add(fingerprint);
    const [oldest] = this.#fingerprints;
    if (this.#fingerprints.size > MOST && oldest !== undefined) {
      this.#fingerprints.delete(oldest);
    }
  }
}
