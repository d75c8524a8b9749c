import type { FrameHeader } from "./frame.ts";

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
  /** The link is gone. Called once. */
  onClosed(error: Error | undefined): void;
  /** A write is about to start: the last moment to append. */
  beforeWrite?(): void;
  /** Bytes were handed to the operating system. */
  onWritten?(): void;
}
