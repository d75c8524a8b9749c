import type { LastingSocket } from "../socket/lasting_socket.ts";
import { controlFrame } from "./lasting_codec.ts";
import type { Ring } from "./ring.ts";

/** Returns the frame that says how many frames were dropped in its place. */
export function gapFrame(count: number): Uint8Array {
  return controlFrame(`g${count}`);
}

/** Returns the frame that has a client connect anew after so many milliseconds. */
export function laterFrame(after: number): Uint8Array {
  return controlFrame(`x${JSON.stringify({ after: Math.round(after) })}`);
}

/** Sends what a client may not have, with the gaps in it. */
export function replay(
  socket: LastingSocket,
  ring: Ring,
  received: number,
): void {
  let missing = 0;
  for (const frame of ring.after(received)) {
    if (frame.length === 0) missing++;
    else {
      if (missing > 0) socket.sendBeyond(gapFrame(missing));
      missing = 0;
      socket.sendBeyond(frame);
    }
  }
  if (missing > 0) socket.sendBeyond(gapFrame(missing));
}
