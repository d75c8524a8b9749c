/**
 * Hot: every connection borrows its read and write buffers here, every link its
 * segments. What is given back is used again, so a busy gateway allocates none, and an
 * idle client holds only the smallest one.
 *
 * @module
 */

/** The smallest buffer: what an idle connection waits with. */
export const SMALL_BUFFER = 512;

/** What a connection that was busy a moment ago waits with. */
export const MEDIUM_BUFFER = 2_048;

/** What many messages fit in. */
export const LARGE_BUFFER = 65_536;

/**
 * The largest buffer that is kept for reuse: a message of 1 MiB and its headers fit.
 * Larger ones are made for one message.
 */
export const HUGE_BUFFER = 1_052_672;

/** Small buffers are cut from slabs: one allocation instead of 128. */
const SLAB_SIZE = 65_536;

/** Most bytes kept for reuse in each class but the smallest. */
const MAX_KEPT = 4_194_304;

const CLASSES = [
  SMALL_BUFFER,
  MEDIUM_BUFFER,
  8_192,
  32_768,
  LARGE_BUFFER,
  131_072,
  262_144,
  524_288,
  HUGE_BUFFER,
];
const free: Uint8Array<ArrayBuffer>[][] = CLASSES.map(() => []);

/**
 * Takes a buffer of at least so many bytes. Its content is whatever was there.
 *
 * @param size The bytes needed.
 * @returns A buffer that nobody else holds until it is given back.
 */
export function takeBuffer(size: number): Uint8Array<ArrayBuffer> {
  for (let i = 0; i < CLASSES.length; i++) {
    const classSize = CLASSES[i] as number;
    if (size > classSize) continue;
    const buffers = free[i] as Uint8Array<ArrayBuffer>[];
    if (buffers.length === 0 && i === 0) cutSlab(buffers);
    return buffers.pop() ?? new Uint8Array(classSize);
  }
  return new Uint8Array(size);
}

/**
 * Gives a buffer back. The caller must not touch it again.
 *
 * @param buffer What {@linkcode takeBuffer} returned.
 */
export function giveBuffer(buffer: Uint8Array<ArrayBuffer>): void {
  const i = CLASSES.indexOf(buffer.length);
  if (i < 0) return;
  const buffers = free[i] as Uint8Array<ArrayBuffer>[];
  // A slab lives as long as any piece of it: dropping pieces would free nothing.
  if (i === 0 || (buffers.length + 1) * buffer.length <= MAX_KEPT) {
    buffers.push(buffer);
  }
}

function cutSlab(into: Uint8Array<ArrayBuffer>[]): void {
  const slab = new ArrayBuffer(SLAB_SIZE);
  for (let at = SLAB_SIZE - SMALL_BUFFER; at >= 0; at -= SMALL_BUFFER) {
    into.push(new Uint8Array(slab, at, SMALL_BUFFER));
  }
}
