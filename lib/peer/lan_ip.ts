import { getNetworkAddress } from "@std/net";
import { isLoopback, parseAddress, whyNotDialable } from "../base/address.ts";
import { messageOf } from "../base/errors.ts";

/**
 * Returns the address that workers are told to dial a gateway at, if its operator
 * names none: the machine's own while every Register runs on this machine, otherwise
 * the first of its addresses in the network, of the family of the first Register
 * that is elsewhere.
 *
 * @param registers Addresses of the Registers.
 * @throws {TypeError} If none can be found.
 */
export function findLanIp(registers: readonly string[]): string {
  const elsewhere = registers.map(parseAddress)
    .find(({ hostname }) => !isLoopback(hostname));
  if (elsewhere === undefined) return "127.0.0.1";
  const family = elsewhere.hostname.includes(":") ? "IPv6" : "IPv4";
  const address = networkAddress(family);
  if (address !== undefined && whyNotDialable(address) === undefined) {
    return address;
  }
  throw new TypeError(
    `Cannot find the address that workers are to dial as this machine has no ${family} address in a network: give it as lanIp (--lan-ip)`,
  );
}

function networkAddress(family: "IPv4" | "IPv6"): string | undefined {
  try {
    return getNetworkAddress(family);
  } catch (error) {
    throw new TypeError(
      `Cannot find the address that workers are to dial: ${
        messageOf(error)
      }; give it as lanIp (--lan-ip)`,
      { cause: error },
    );
  }
}
