/** Whether this machine has IPv6 at all; many containers have none. */
export function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    // No such address here: that is the answer.
    return false;
  }
}
