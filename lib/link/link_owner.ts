import type { FrameHeader } from "../wire/frame.ts";

/** What the owner of a link does with what happens on it. */
export interface LinkOwner {
  /** A frame came that is no matter of the link itself. Bytes are kept only as the link was told. */
  onFrame(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
  /** Nothing was heard for too long, and the link is about to end: the last moment to append. */
  beforeGivingUp?(): void;
  /** A message is about to be appended; not there unless somebody traces. */
  beforeMessage?: (() => void) | undefined;
  /** The link is gone. Called once. */
  onClosed(error: Error | undefined): void;
  /** A write is about to start: the last moment to append. */
  beforeWrite?(): void;
  /** Bytes were handed to the operating system. */
  onWritten?(): void;
  /** The peer said how far it has read. */
  onRead?(): void;
}

/** How a link treats its bytes. */
export interface LinkOptions {
  /**
   * Whether the bytes handed to `onFrame` may be kept: each read is then copied
   * once, whole.
   */
  readonly keepFrames: boolean;
  /** Milliseconds that frames may wait for others while many come; 0 for never. */
  readonly gatherWithin: number;
  /**
   * Bytes that may wait to be written; the link says of more that it is full.
   *
   * @default {Infinity}
   */
  readonly maxWaiting?: number;
}
