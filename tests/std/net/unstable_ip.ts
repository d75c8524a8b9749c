/**
 * Addresses of the Internet and the subnets they are in.
 *
 * @module
 */

/** An address or the start of a subnet as a number, and how many bits it has. */
interface Address {
  readonly bits: bigint;
  readonly width: 32 | 128;
}

/**
 * Says whether a text is an IPv4 address.
 *
 * @param addr The text, such as `192.168.0.1`.
 * @returns Whether it is four numbers up to 255 with dots between.
 */
export function isIPv4(addr: string): boolean {
  return parseIPv4(addr) !== undefined;
}

/**
 * Says whether a text is an IPv6 address.
 *
 * @param addr The text, such as `2001:db8::1` or `::ffff:192.168.0.1`.
 * @returns Whether it is one, without zone and without brackets.
 */
export function isIPv6(addr: string): boolean {
  return parseIPv6(addr) !== undefined;
}

/**
 * Says whether an address is in one of some subnets.
 *
 * @param addr The address.
 * @param subnetOrIps Subnets such as `10.0.0.0/8`, and single addresses.
 * @returns Whether one of them is that address or contains it.
 */
export function matchSubnets(addr: string, subnetOrIps: string[]): boolean {
  if (!isIPv4(addr) && !isIPv6(addr)) return false;
  return subnetOrIps.some((one) =>
    one.includes("/")
      ? matchIPv4Subnet(addr, one) || matchIPv6Subnet(addr, one)
      : addr === one
  );
}

/**
 * Says whether an IPv4 address is in a subnet.
 *
 * @param addr The address.
 * @param subnet The subnet, such as `192.168.0.0/16`.
 * @returns Whether the subnet contains the address.
 */
export function matchIPv4Subnet(addr: string, subnet: string): boolean {
  return contains(subnet, addr, parseIPv4);
}

/**
 * Says whether an IPv6 address is in a subnet.
 *
 * @param addr The address.
 * @param subnet The subnet, such as `2001:db8::/32`.
 * @returns Whether the subnet contains the address.
 */
export function matchIPv6Subnet(addr: string, subnet: string): boolean {
  return contains(subnet, addr, parseIPv6);
}

function contains(
  subnet: string,
  addr: string,
  parse: (text: string) => Address | undefined,
): boolean {
  const [start = "", prefix = "", ...rest] = subnet.split("/");
  const [network, address] = [parse(start), parse(addr)];
  if (network === undefined || address === undefined) return false;
  if (!/^\d{1,3}$/.test(prefix) || rest.length > 0) return false;
  const free = network.width - Number(prefix);
  if (free < 0) return false;
  return network.bits >> BigInt(free) === address.bits >> BigInt(free);
}

function parseIPv4(text: string): Address | undefined {
  const parts = text.split(".");
  const areBytes = parts.every((part) =>
    /^\d{1,3}$/.test(part) && Number(part) <= 255
  );
  if (parts.length !== 4 || !areBytes) return undefined;
  return { bits: join(parts.map(Number), 8), width: 32 };
}

function parseIPv6(text: string): Address | undefined {
  const halves = withoutDots(text)?.split("::").map(groupsOf);
  if (halves === undefined || halves.length > 2) return undefined;
  const [left = [], right] = halves;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [
    ...left,
    ...new Array<string>(missing).fill("0"),
    ...right ?? [],
  ];
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return {
    bits: join(groups.map((group) => parseInt(group, 16)), 16),
    width: 128,
  };
}

/** Writes a dotted end as two groups; undefined if it is no IPv4 address. */
function withoutDots(text: string): string | undefined {
  if (!text.includes(".")) return text;
  const start = text.lastIndexOf(":") + 1;
  const last = parseIPv4(text.slice(start));
  if (last === undefined || start === 0) return undefined;
  const groups = [last.bits >> 16n, last.bits & 0xffffn];
  return text.slice(0, start) + groups.map((one) => one.toString(16)).join(":");
}

function groupsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function join(parts: number[], width: number): bigint {
  return parts.reduce(
    (bits, part) => bits << BigInt(width) | BigInt(part),
    0n,
  );
}
