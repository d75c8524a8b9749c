import { Flag, HEADER_LENGTH } from "./frame.ts";

/** Payloads up to this length are copied byte by byte, which is faster than `slice`. */
const SMALL_COPY = 48;

/** An event read back from where frames are kept. The payload is a copy. */
export interface LoggedEvent {
  /** Connect, message or close. */
  readonly command: number;
  /** Flags, without the head: that part is not kept. */
  flags: number;
  /** Earlier deliveries that ended in a lost worker. */
  deliveries: number;
  /** The client. */
  readonly connectionId: number;
  /** The client's own number of the event. */
  readonly number: number;
  /** The body without its head. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Memory with whole frames in it. */
export interface FrameMemory {
  /** The memory. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, for numbers. */
  readonly view: DataView;
}

/**
 * Reads the event whose frame begins at a place. As a lost worker had many of them,
 * perhaps, this makes no more objects than it must.
 */
export function readEvent(
  { bytes, view }: FrameMemory,
  at: number,
): LoggedEvent {
  const end = at + view.getUint32(at);
  const word = view.getUint32(at + 4);
  const flags = word >>> 16 & 0xff;
  const body = at + HEADER_LENGTH;
  const headed = (flags & Flag.Head) !== 0;
  const start = headed ? body + 4 + view.getUint32(body) : body;
  return {
    command: word >>> 24,
    flags: flags & ~Flag.Head,
    deliveries: word & 0xffff,
    connectionId: view.getUint32(at + 8),
    number: view.getUint32(at + 12),
    payload: slice(bytes, start, end),
  };
}

function slice(
  bytes: Uint8Array,
  start: number,
  end: number,
): Uint8Array<ArrayBuffer> {
  const length = end - start;
  const copy = new Uint8Array(length);
  if (length > SMALL_COPY) copy.set(bytes.subarray(start, end));
  else {
    for (let at = 0; at < length; at++) copy[at] = bytes[start + at] as number;
  }
  return copy;
}
