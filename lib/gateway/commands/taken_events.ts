/**
 * Hot: what clients do, on its way to whoever deals with it, by whoever taps.
 *
 * @module
 */
import type { EventTaker } from "../clients/client.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Taps } from "./taps.ts";
import type { TypedFrames } from "./typed_frames.ts";

/** Who is shown what clients do, and who deals with it. */
export interface TakenEventsParts {
  /** Sees all of it, while anybody taps. */
  readonly taps: Taps;
  /** Takes messages and events. */
  readonly delivery: Pick<Delivery, "takeMessage" | "takeEvent">;
  /** Takes typed frames. */
  readonly typed: TypedFrames;
}

/** Returns what takes all that clients do. */
export function takenEvents(
  { taps, delivery, typed }: TakenEventsParts,
): Required<Pick<EventTaker, "takeMessage" | "takeTyped" | "takeEvent">> {
  return {
    takeMessage: (route, flags, buffer, start, end) => {
      if (taps.isOn) taps.onMessage(route, flags, buffer, start, end);
      delivery.takeMessage(route, flags, buffer, start, end);
    },
    takeTyped: (client, buffer, start, end) => {
      if (taps.isOn) taps.onTyped(client, buffer, start, end);
      typed.take(client, buffer, start, end);
    },
    takeEvent: (route, command, payload) => {
      if (taps.isOn) taps.onEvent(route, command, payload);
      delivery.takeEvent(route, command, payload);
    },
  };
}
