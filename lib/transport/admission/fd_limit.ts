/** File descriptors that are left for everything but clients. */
const RESERVED = 128;

/** Finds how many files this process may have open; `undefined` if it cannot tell. */
export async function readFileLimit(
  path = "/proc/self/limits",
): Promise<number | undefined> {
  // Nobody is asked for a permission that is nice to have.
  const read = await Deno.permissions.query({ name: "read", path });
  if (read.state !== "granted") return undefined;
  try {
    return parseFileLimit(await Deno.readTextFile(path));
  } catch (error) {
    const isNormal = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotCapable;
    if (isNormal) return undefined;
    throw error;
  }
}

/** Reads the soft limit out of the text that Linux has of it. */
export function parseFileLimit(limits: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? undefined : Number(soft);
}

/**
 * Returns how many clients there may be: as many as wanted, but so few that the
 * process keeps file descriptors for links and files. Without any it would abort.
 *
 * @param wanted Clients wanted.
 * @param limit File descriptors there are, if that is known.
 */
export function boundedByFiles(
  wanted: number,
  limit: number | undefined,
): number {
  if (limit === undefined) return wanted;
  const reserved = Math.min(RESERVED, Math.floor(limit / 4));
  return Math.max(1, Math.min(wanted, limit - reserved));
}
