import type { PhpPeers } from "./php_peers.ts";

export type { PhpPeers };

/** Loads what only a gateway with nodes of the original needs. */
export async function loadPhpPeers(
  { phpPeers }: { readonly phpPeers: boolean },
): Promise<typeof PhpPeers | undefined> {
  return phpPeers ? (await import("./php_peers.ts")).PhpPeers : undefined;
}
