import type { Socket } from "node:net";

/** What a server of TLS proves its name with, and checks others by. */
interface Identity {
  /** Authorities of which those who connect must show a certificate, in PEM. */
  readonly ca?: string | string[];
}

/**
 * Says what a server of `node:tls` is to do: whoever connects is asked for a certificate
 * where there are authorities to check it by.
 */
export function tlsServerContext<Given extends Identity>(
  identity: Given | undefined,
) {
  const asks = identity?.ca !== undefined;
  return { ...identity, requestCert: asks, rejectUnauthorized: asks };
}

/**
 * What the socket of an accepted connection and that of TLS on it have in common, and no
 * other two that are open.
 */
export function connectionKey(
  { remoteAddress, remotePort, localAddress }: Socket,
): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
