/**
 * The subjects of cells that are joined, all of them below `gw.<cluster>`: few and
 * fixed, so that account rules are a few lines, and no interest has to spread in NATS.
 *
 * @module
 */

/** What a cell, and all cells together, may be called: a part of a subject. */
const NAME = /^[a-z0-9-]{1,32}$/;

/** Most shards of a cell. */
export const MAX_SHARDS = 16;

/** Whether cells may be called so, or one of them. */
export function isCellName(name: string): boolean {
  return NAME.test(name);
}

/**
 * Checks the name of a cell, or of all cells together.
 *
 * @param what Which of them.
 * @throws {TypeError} If it is none.
 */
export function checkCellName(what: "cell" | "cluster", name: unknown): string {
  if (typeof name === "string" && isCellName(name)) return name;
  throw new TypeError(
    `Cannot join cells as the name of a ${what} must be 1 to 32 of a-z, 0-9 and "-": current value is ${
      typeof name === "string" ? `"${name.slice(0, 80)}"` : typeof name
    }`,
  );
}

/** Where every bridge says that it is there. */
export function cellsSubject(cluster: string): string {
  return `gw.${cluster}.cells`;
}

/** Where a bridge listens that is active for a shard of a cell. */
export function inboxSubject(
  cluster: string,
  cell: string,
  shard: number,
): string {
  return `gw.${cluster}.to.${cell}.${shard}`;
}

/** Where programs say what they want to reach clients. */
export function pushSubject(cluster: string): string {
  return `gw.${cluster}.push`;
}

/** Where a program hears what became of it: nothing else is ever answered. */
export function saidSubject(cluster: string, program: string): string {
  return `gw.${cluster}.said.${program}`;
}

/** Whether a subject is one of {@linkcode saidSubject}. */
export function isSaidSubject(cluster: string, subject: string): boolean {
  const prefix = saidSubject(cluster, "");
  return subject.startsWith(prefix) &&
    /^[\w-]{1,64}$/.test(subject.slice(prefix.length));
}

const encoder = new TextEncoder();

/**
 * Which shard a name belongs to: FNV-1a of its UTF-8.
 *
 * @param name As interest has it: `u` or `g`, then the uid or group.
 * @param shards How many there are.
 */
export function shardOf(name: string, shards: number): number {
  if (shards === 1) return 0;
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % shards;
}
