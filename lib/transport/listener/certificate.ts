import { createPrivateKey, X509Certificate } from "node:crypto";
import { messageOf } from "../../base/errors.ts";

/** What a listener proves its name with. */
export interface Certificate {
  /** Certificate chain, in PEM. */
  readonly cert: string;
  /** Private key, in PEM. */
  readonly key: string;
  /** The authorities of which clients must show a certificate, in PEM; of none if left out. */
  readonly ca?: string;
}

/**
 * Refuses a certificate that TLS would take, and fail with at every client.
 *
 * @throws {TypeError} If it cannot be read, or is not made for the key.
 */
export function checkCertificate({ cert, key, ca }: Certificate): void {
  if (ca !== undefined) checkAuthority(ca);
  if (isPair(cert, key)) return;
  throw new TypeError(
    "Cannot use certificate as it must be made for its key: this one is for another",
  );
}

function checkAuthority(ca: string): void {
  try {
    new X509Certificate(ca);
  } catch (error) {
    throw new TypeError(
      `Cannot read certificates of clients' authorities as they must be PEM: ${
        messageOf(error)
      }`,
      { cause: error },
    );
  }
}

function isPair(cert: string, key: string): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch (error) {
    throw new TypeError(
      `Cannot read certificate or key as they must be PEM: ${messageOf(error)}`,
      { cause: error },
    );
  }
}
