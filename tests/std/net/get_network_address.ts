/**
 * Finds the first address of this machine that other machines can use.
 *
 * @param family The family of the address.
 * @returns The address; undefined if only loopback addresses are there.
 */
export function getNetworkAddress(
  family: Deno.NetworkInterfaceInfo["family"] = "IPv4",
): string | undefined {
  return Deno.networkInterfaces()
    .find((one) => one.family === family && !isLoopback(one.address))
    ?.address;
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1" ||
    address === "fe80::1";
}
