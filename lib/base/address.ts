/** Where a role is reached: a host name or IP address, and a port. */
export interface Address {
  /** Host name or IP address; IPv6 without brackets. */
  readonly hostname: string;
  /** 0 to 65535; 0 lets the system choose when listening. */
  readonly port: number;
}

/**
 * Reads `host:port` or `[ipv6]:port`.
 *
 * @param text The address as written by a person.
 * @returns Its two parts.
 * @throws {TypeError} If the text is not of that form.
 */
export function parseAddress(text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:\[\]]+)):(\d{1,5})$/.exec(
    text,
  );
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new TypeError(
      `Cannot read address as it must be "host:port" or "[ipv6]:port": current value is "${text}"`,
    );
  }
  return { hostname: match[1] ?? match[2] ?? "", port };
}

/** Writes an address so that {@linkcode parseAddress} reads it back. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}
