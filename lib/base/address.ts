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
  const address = findAddress(text);
  if (address !== undefined) return address;
  throw new TypeError(
    `Cannot read address as it must be "host:port" or "[ipv6]:port": current value is "${text}"`,
  );
}

/** The same for text that may be none; then `undefined`. */
export function findAddress(text: string): Address | undefined {
  const [, ipv6, name, digits] =
    /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:\[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const hostname = ipv6 ?? name;
  const port = Number(digits);
  return hostname === undefined || port > 65535
    ? undefined
    : { hostname, port };
}

/** Writes an address so that {@linkcode parseAddress} reads it back. */
export function formatAddress({ hostname, port }: Address): string {
  return hostname.includes(":")
    ? `[${hostname}]:${port}`
    : `${hostname}:${port}`;
}

/** Returns the host of what {@linkcode formatAddress} wrote, IPv6 without brackets. */
export function hostOf(address: string): string {
  return address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
}

/**
 * Says whether a host is this machine itself, which no other machine can dial.
 *
 * @param hostname An IP address, or a name; of names, `localhost` alone counts.
 */
export function isLoopback(hostname: string): boolean {
  return /^(?:::ffff:)?127(?:\.\d{1,3}){3}$|^::1$|^localhost$/i.test(hostname);
}

/**
 * Says why no other machine can dial a host that one names as its own.
 *
 * @param hostname What a person gave.
 * @returns The reason; `undefined` if nothing speaks against it.
 */
export function whyNotDialable(hostname: string): string | undefined {
  if (hostname === "") return "it is empty";
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname)) return whyNotIPv4(hostname);
  const looksLikeIPv6 = /^[0-9a-f:.]+$/i.test(hostname) &&
    hostname.indexOf(":") !== hostname.lastIndexOf(":");
  if (looksLikeIPv6) return whyNotIPv6(hostname);
  if (/:\d+$/.test(hostname)) return "it must be without a port";
  return /^(?![\d.]+$)[\w.-]+$/.test(hostname)
    ? undefined
    : "it is neither an IP address nor a host name";
}

function whyNotIPv4(hostname: string): string | undefined {
  const [first = 0, ...rest] = hostname.split(".").map(Number);
  if (Math.max(first, ...rest) > 255) return "it is no IP address";
  if (first === 0) return EVERY_ADDRESS;
  if (first >= 224) return "it is an address of many machines, or of none";
  return undefined;
}

function whyNotIPv6(hostname: string): string | undefined {
  if (/^[0:]+$/.test(hostname)) return EVERY_ADDRESS;
  if (/^ff/i.test(hostname)) return "it is an address of many machines";
  if (/^fe[89ab]/i.test(hostname)) {
    return "it is link-local: it means another machine on every network";
  }
  return undefined;
}

const EVERY_ADDRESS =
  "it stands for every address of a machine, which is for listening and not for dialing";
