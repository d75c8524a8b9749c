import { Flag, FrameHeader, HEADER_LENGTH, readHeader } from "./frame.ts";

/** An event read back from where frames are kept. The payload is a copy. */
export interface LoggedEvent {
  /** Connect, message or close. */
  readonly command: number;
  /** Flags, without the head: that part is not kept. */
  readonly flags: number;
  /** Earlier deliveries that ended in a lost worker. */
  readonly deliveries: number;
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

/** Reads the event whose frame begins at a place. */
export function readEvent(
  { bytes, view }: FrameMemory,
  at: number,
): LoggedEvent {
  const length = view.getUint32(at);
  const header = new FrameHeader();
  readHeader(view, at, header);
  const { command, deliveries, connectionId, number } = header;
  const body = at + HEADER_LENGTH;
  const headed = (header.flags & Flag.Head) !== 0;
  const start = headed ? body + 4 + view.getUint32(body) : body;
  return {
    command,
    flags: header.flags & ~Flag.Head,
    deliveries,
    connectionId,
    number,
    payload: bytes.slice(start, at + length),
  };
}
