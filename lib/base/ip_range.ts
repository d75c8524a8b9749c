import { isIP } from "node:net";
import { canonicalIp, networkOf } from "./ip_address.ts";

/** Bits of an address, by its family. */
export interface PrefixBits {
  /** Of IPv4, 1 to 32. */
  readonly v4: number;
  /** Of IPv6, 1 to 128. */
  readonly v6: number;
}

/** A range of addresses that begin alike. */
export interface IpRange {
  /** Its one form: as {@linkcode networkOf} writes it. */
  readonly network: string;
  /** How many bits are alike. */
  readonly bits: number;
  /** 4 or 6. */
  readonly family: number;
}

/**
 * Reads an address, or a range in CIDR notation such as `203.0.113.0/24`.
 *
 * @throws {TypeError} If it is none.
 */
export function parseRange(text: string): IpRange {
  const [given = "", length, ...rest] = text.split("/");
  const address = given.includes("%") ? undefined : canonicalIp(given);
  const family = address === undefined ? 0 : isIP(address);
  const most = family === 4 ? 32 : 128;
  const bits = Number(length ?? most);
  const isLength = length === undefined ||
    /^\d{1,3}$/.test(length) && bits > 0 && bits <= most;
  if (address === undefined || !isLength || rest.length > 0) {
    throw new TypeError(
      `Cannot read address range as it must be like "203.0.113.0/24" or "2001:db8::/64": current value is ${
        JSON.stringify(text.slice(0, 80))
      }`,
    );
  }
  return { network: networkOf(address, bits, bits), bits, family };
}
