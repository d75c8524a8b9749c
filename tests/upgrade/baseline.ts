import { checkOut } from "../bench/load/checkout.ts";
import { UnavailableError } from "../bench/load/peer_folder.ts";

/**
 * Reads which revision this one is compared with, and must be able to share a cluster
 * with, unless somebody names another.
 */
export async function readBaseline(): Promise<string> {
  const text = await Deno.readTextFile(new URL("BASELINE", import.meta.url));
  return text.trim();
}

/**
 * Lays out the baseline's files.
 *
 * @returns The folder; `undefined` if this clone does not have the revision, as a shallow
 * one.
 */
export async function layOutBaseline(): Promise<string | undefined> {
  try {
    return await checkOut(await readBaseline());
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}
