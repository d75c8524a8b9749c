import { createPrivateKey, X509Certificate } from "node:crypto";
import { messageOf } from "../../base/errors.ts";

/** What a listener proves its name with. */
export interface Certificate {
  /** Certificate chain, in PEM. */
  readonly cert: string;
  /** Private key, in PEM. */
  readonly key: string;
}

/**
 * Refuses a certificate that TLS would take, and fail with at every client.
 *
 * @throws {TypeError} If it cannot be read, or is not made for the key.
 */
export function checkCertificate({ cert, key }: Certificate): void {
  if (isPair(cert, key)) return;
  throw new TypeError(
    "Cannot use certificate as it must be made for its key: this one is for another",
  );
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
