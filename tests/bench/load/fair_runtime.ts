/**
 * Variables that make the runtime serve many ready sockets in turn.
 *
 * Its scheduler lets one turn start 128 reads and writes; the rest it puts aside and
 * takes up again in reverse order, behind whatever became ready meanwhile. Above 128
 * ready sockets some are then served a hundred times as often as others, and what
 * a generator measures is itself. If the system hands out at most 64 ready sockets at a
 * time, and is asked again after 4 turns, none is put aside.
 */
export const FAIR_RUNTIME: Readonly<Record<string, string>> = {
  DENO_TOKIO_MAX_IO_EVENTS_PER_TICK: "64",
  DENO_TOKIO_EVENT_INTERVAL: "4",
};
