import { giveBuffer, takeBuffer } from "../../base/buffer_pool.ts";
import { Deque } from "../../base/deque.ts";
import { ENTRY_COST } from "../../base/entry_cost.ts";
import type { LoggedEvent } from "../../wire/logged_event.ts";

/** An event that is kept until it can be sent to a worker. */
export interface KeptEvent extends LoggedEvent {
  /** What its payload lies in, if that was borrowed and must be given back. */
  readonly memory?: Uint8Array<ArrayBuffer> | undefined;
}

/** Bytes of a message for which memory is borrowed: new one costs more than to copy them. */
const LONG = 16_384;

/** Copies `buffer[start, end)`, to be the payload of an event that is kept. */
export function payloadOf(
  buffer: Uint8Array,
  start: number,
  end: number,
): Pick<KeptEvent, "payload" | "memory"> {
  const bytes = buffer.subarray(start, end);
  if (bytes.length < LONG) return { payload: new Uint8Array(bytes) };
  const memory = takeBuffer(bytes.length);
  memory.set(bytes);
  return { payload: memory.subarray(0, bytes.length), memory };
}

/** Gives back what an event has borrowed. Its payload is gone. */
export function giveBack({ memory }: KeptEvent): void {
  if (memory !== undefined) giveBuffer(memory);
}

/** What a kept event counts for. */
export function costOf({ payload, memory = payload }: KeptEvent): number {
  return memory.length + ENTRY_COST;
}

/** Events of one client that wait, oldest first. */
export class WaitingEvents {
  readonly #events = new Deque<KeptEvent>();
  /** What all of them count for. */
  cost = 0;
  /** When the first began to wait for a worker; `now()`. */
  since = 0;

  /** How many wait. */
  get length(): number {
    return this.#events.length;
  }

  /** The oldest. */
  get first(): KeptEvent | undefined {
    return this.#events.first;
  }

  /** Adds the newest. */
  push(event: KeptEvent): void {
    this.cost += costOf(event);
    this.#events.push(event);
  }

  /** Takes the oldest. */
  shift(): KeptEvent | undefined {
    const event = this.#events.shift();
    if (event !== undefined) this.cost -= costOf(event);
    return event;
  }

  /** Puts older events before all others. */
  prepend(events: readonly KeptEvent[]): void {
    for (const event of events) this.cost += costOf(event);
    this.#events.prepend(events);
  }
}
