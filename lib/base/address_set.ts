import { BlockList, isIP } from "node:net";

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
    const version = isIP(plain);
    return version !== 0 &&
      this.#list.check(plain, version === 4 ? "ipv4" : "ipv6");
  }

  #add(range: string): void {
    const [given = "", length, ...rest] = range.split("/");
    const address = plainIp(given);
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const isLength = length === undefined ||
      (/^\d{1,3}$/.test(length) && Number(length) <= most);
    if (version === 0 || !isLength || rest.length > 0) {
      throw new TypeError(
        `Cannot read address range as it must be like "10.0.0.0/8" or "fd00::/8": current value is "${range}"`,
      );
    }
    this.#list.addSubnet(
      address,
      length === undefined ? most : Number(length),
      version === 4 ? "ipv4" : "ipv6",
    );
  }
}

/** Drops the zone, and the prefix of an IPv4 address that is written as IPv6. */
export function plainIp(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*/s, "");
}
