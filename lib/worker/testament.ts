/**
 * The testament of a worker: whom its clients are left to. A gateway tells a second
 * worker of each client, the *witness*. If the client's own worker is lost together
 * with the gateway, nobody is left who would raise the client's close event: then the
 * witness *inherits* the client, and raises it.
 *
 * @module
 */
import { pause } from "../base/pause.ts";
import { decodeClientState } from "../wire/bodies/client_state.ts";
import { bytesField, decodeMap, textField } from "../wire/body.ts";
import type { ClientState } from "../wire/bodies/client_state.ts";
import type { ClusterReport } from "../observe/report.ts";
import type { Census } from "./census.ts";

/** Milliseconds between two looks at whether a worker lives: reports come every second. */
const LOOK_INTERVAL = 1_300;

/** Looks after which a worker that is listed, but tells nothing, is left to others. */
const MAX_LOOKS = 100;

/** A client of another worker. */
export interface Witnessed {
  /** Instance of the worker that it is bound to. */
  readonly worker: string;
  /** What its gateway last told of it. */
  readonly state: ClientState;
}

/** Decodes what a gateway tells a witness. */
export function decodeWitnessed(head: Uint8Array): Witnessed {
  const body = decodeMap(head);
  const state = bytesField(body, "state") ?? new Uint8Array(0);
  return {
    worker: textField(body, "worker") ?? "",
    state: decodeClientState(state),
  };
}

/** Options for {@linkcode findGone}. */
export interface SearchOptions {
  /** Ends the search. */
  readonly signal: AbortSignal;
  /**
   * Whether the gateway may have been lost long ago: then a worker that is not listed
   * at the first look may have closed its clients, and left.
   *
   * @default {false}
   */
  readonly isLate?: boolean;
  /**
   * Milliseconds between two looks.
   *
   * @default {1_300}
   */
  readonly interval?: number;
}

/**
 * Finds out which workers are gone, for the clients of a gateway that is: what a
 * worker that lives had, it has closed itself by the first look, even if it leaves
 * soon after. So one is gone that no Register lists then, or whose reports have
 * stopped before it is listed no more. It is given up only when every Register that
 * was heard lately has said so: one that cannot be reached may list somebody whom the
 * others do not. Where that cannot be told, nothing is done: a close event less is
 * better than one twice.
 *
 * @param workers Instances of the workers.
 * @param ask Asks the Registers.
 * @param options Since when it is looked, and until when.
 * @yields Each worker that is gone, as soon as that is clear.
 */
export async function* findGone(
  workers: Iterable<string>,
  ask: () => Promise<Census>,
  { signal, isLate = false, interval = LOOK_INTERVAL }: SearchOptions,
): AsyncGenerator<string> {
  const open = new Map(
    [...new Set(workers)].map((id) => [id, new Sightings(isLate)]),
  );
  for (let looks = 0; looks < MAX_LOOKS && open.size > 0;) {
    await pause(interval, signal);
    if (signal.aborted) return;
    const { reports, isComplete } = await ask();
    if (reports.length === 0) continue;
    looks++;
    const uptimes = uptimesOf(reports);
    for (const [worker, sightings] of [...open]) {
      const fate = sightings.add(uptimes.get(worker), isComplete);
      if (fate !== "open") open.delete(worker);
      if (fate === "gone") yield worker;
    }
  }
}

/** The longest uptime of each worker: a Register that lost it may list it for a while. */
function uptimesOf(reports: readonly ClusterReport[]): Map<string, number> {
  const uptimes = new Map<string, number>();
  for (const { workers } of reports) {
    for (const { id, uptime } of workers) {
      uptimes.set(id, Math.max(uptime, uptimes.get(id) ?? 0));
    }
  }
  return uptimes;
}

/** What was seen of one worker. */
class Sightings {
  #uptime: number | undefined;
  #isSilent = false;
  readonly #isLate: boolean;
  #isGone = false;
  #isFirst = true;

  constructor(isLate: boolean) {
    this.#isLate = isLate;
  }

  /**
   * Adds a look.
   *
   * @param uptime What the worker last reported, if any Register lists it.
   * @param isComplete Whether all Registers were heard that matter.
   */
  add(
    uptime: number | undefined,
    isComplete: boolean,
  ): "open" | "gone" | "left" {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (uptime === undefined) {
      const isMissed = isFirst && !this.#isLate;
      this.#isGone ||= isMissed || this.#isSilent;
      if (!this.#isGone) return "left";
      return isComplete ? "gone" : "open";
    }
    if (this.#uptime !== undefined && uptime > this.#uptime) return "left";
    this.#isSilent = this.#uptime !== undefined;
    this.#uptime = uptime;
    return "open";
  }
}
