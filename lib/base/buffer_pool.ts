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

/** What many messages fit in, or one of 64 KiB and its headers. */
export const LARGE_BUFFER = 66_560;

/** A message of 1 MiB and its headers fit. */
export const HUGE_BUFFER = 1_052_672;

/** Larger ones are this long or a multiple: a message of so many MiB and its headers fit. */
const GIANT_STEP = HUGE_BUFFER;

/**
 * Most bytes of giants that are kept for reuse. They are held on to weakly: as long as
 * messages of that size come they are used again, and the next collection of garbage
 * takes what is not. One that is new costs a page fault for each 4 KiB, which takes
 * longer than to copy those.
 */
const MAX_GIANT_BYTES = 64 * 1_048_576;

/** Small buffers are cut from slabs: one allocation instead of 128. */
const SLAB_SIZE = 65_536;

/** Most bytes kept for reuse in each class but the smallest. */
const MAX_KEPT = 8_388_608;

const CLASSES = [
  SMALL_BUFFER,
  MEDIUM_BUFFER,
  8_192,
  32_768,
  LARGE_BUFFER,
  2 * LARGE_BUFFER,
  4 * LARGE_BUFFER,
  8 * LARGE_BUFFER,
  HUGE_BUFFER,
];
/** A giant that was given back. */
interface Giant {
  readonly length: number;
  readonly memory: WeakRef<Uint8Array<ArrayBuffer>>;
}

/** The latest last. */
const giants: Giant[] = [];
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
  return takeGiant(size);
}

/**
 * Gives a buffer back. The caller must not touch it again.
 *
 * @param buffer What {@linkcode takeBuffer} returned.
 */
export function giveBuffer(buffer: Uint8Array<ArrayBuffer>): void {
  const i = CLASSES.indexOf(buffer.length);
  if (i < 0) return giveGiant(buffer);
  const buffers = free[i] as Uint8Array<ArrayBuffer>[];
  // A slab lives as long as any piece of it: dropping pieces would free nothing.
  if (i === 0 || (buffers.length + 1) * buffer.length <= MAX_KEPT) {
    buffers.push(buffer);
  }
}

/** Takes a giant that is large enough and not four times too large, or makes one. */
function takeGiant(size: number): Uint8Array<ArrayBuffer> {
  for (let i = giants.length - 1; i >= 0; i--) {
    const { length, memory } = giants[i] as Giant;
    if (length < size || length > 4 * size) continue;
    giants.splice(i, 1);
    const giant = memory.deref();
    if (giant !== undefined) return giant;
  }
  return new Uint8Array(Math.ceil(size / GIANT_STEP) * GIANT_STEP);
}

function giveGiant(buffer: Uint8Array<ArrayBuffer>): void {
  const { length } = buffer;
  if (length % GIANT_STEP !== 0) return;
  giants.push({ length, memory: new WeakRef(buffer) });
  let bytes = giants.reduce((sum, giant) => sum + giant.length, 0);
  while (bytes > MAX_GIANT_BYTES) bytes -= giants.shift()?.length ?? bytes;
}

function cutSlab(into: Uint8Array<ArrayBuffer>[]): void {
  const slab = new ArrayBuffer(SLAB_SIZE);
  for (let at = SLAB_SIZE - SMALL_BUFFER; at >= 0; at -= SMALL_BUFFER) {
    into.push(new Uint8Array(slab, at, SMALL_BUFFER));
  }
}
