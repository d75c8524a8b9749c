import { BlockList, isIP } from "node:net";
import { canonicalIp } from "./ip_address.ts";

/** A set of IP addresses, given as ranges such as `10.0.0.0/8`. */
export class AddressSet {
  readonly #list = new BlockList();
  /** Whether it holds no address. */
  readonly isEmpty: boolean;

  /**
   * @param ranges Addresses, or ranges in CIDR notation; IPv4 and IPv6.
   * @throws {TypeError} If one of them is none.
   */
  constructor(ranges: readonly string[]) {
    this.isEmpty = ranges.length === 0;
    for (const range of ranges) this.#add(range);
  }

  /**
   * Whether an address is in it; whatever is no address is not.
   *
   * @param address Without brackets; IPv4 may be written as IPv6 (`::ffff:10.0.0.7`),
   *   and a zone is left out of account.
   */
  has(address: string): boolean {
    if (this.isEmpty) return false;
    const plain = plainIp(address);
    return plain !== undefined && this.#list.check(plain, familyOf(plain));
  }

  #add(range: string): void {
    const [given = "", length, ...rest] = range.split("/");
    const address = plainIp(given);
    const isMapped = given.includes(":") && !address?.includes(":");
    const most = given.includes(":") ? 128 : 32;
    const least = isMapped ? 96 : 0;
    const bits = Number(length ?? most);
    const isLength = length === undefined ||
      (/^\d{1,3}$/.test(length) && bits >= least && bits <= most);
    if (address === undefined || !isLength || rest.length > 0) {
      throw new TypeError(
        `Cannot read address range as it must be like "10.0.0.0/8" or "fd00::/8": current value is "${range}"`,
      );
    }
    this.#list.addSubnet(address, bits - least, familyOf(address));
  }
}

function plainIp(address: string): string | undefined {
  return canonicalIp(address)?.replace(/%.*/s, "");
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
