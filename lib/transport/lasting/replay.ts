import type { LastingSocket } from "../socket/lasting_socket.ts";
import { controlFrame } from "./lasting_codec.ts";

/** Returns the frame that says how many frames were dropped in its place. */
export function gapFrame(count: number): Uint8Array {
  return controlFrame(`g${count}`);
}

/** Returns the frame that has a client connect anew after so many milliseconds. */
export function laterFrame(after: number): Uint8Array {
  return controlFrame(`x${JSON.stringify({ after: Math.round(after) })}`);
}

/**
 * Sends what a client may not have.
 *
 * @param frames Those frames; a dropped one is empty.
 * @param gap Makes the frame that says how many are missing in its place.
 */
export function replay(
  socket: LastingSocket,
  frames: Iterable<Uint8Array>,
  gap: (count: number) => Uint8Array,
): void {
  let missing = 0;
  for (const frame of frames) {
    if (frame.length === 0) missing++;
    else {
      if (missing > 0) socket.sendBeyond(gap(missing));
      missing = 0;
      socket.sendBeyond(frame);
    }
  }
  if (missing > 0) socket.sendBeyond(gap(missing));
}
