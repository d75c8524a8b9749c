/**
 * Reads which revision this one is compared with, and must be able to share a cluster
 * with, unless somebody names another.
 */
export async function readBaseline(): Promise<string> {
  const text = await Deno.readTextFile(new URL("BASELINE", import.meta.url));
  return text.trim();
}
