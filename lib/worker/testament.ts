import { pause } from "../base/pause.ts";
import { decodeClientState } from "../link/client_state.ts";
import { bytesField, decodeMap, textField } from "../link/body.ts";
import type { ClientState } from "../link/client_state.ts";
import type { ClusterReport } from "../observe/report.ts";

/** Milliseconds between two looks at whether a worker lives: reports come every second. */
const LOOK_INTERVAL = 1_300;

/** Looks after which a worker that is listed, but tells nothing, is left to others. */
const MAX_LOOKS = 100;

/** Seconds that a Register must have been up for its list to be whole. */
export const REGISTER_AGE = 5;

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
}

/** Asks a Register how the cluster is; `undefined` if none answers. */
export type AskCluster = () => Promise<ClusterReport | undefined>;

/**
 * Finds out which workers are gone, for the clients of a gateway that is: what a
 * worker that lives had, it has closed itself by the first look, even if it leaves
 * soon after. So one is gone that is not listed then, or whose reports have stopped
 * before it is listed no more. Where that cannot be told, nothing is done: a close
 * event less is better than one twice.
 *
 * @param workers Instances of the workers.
 * @param ask Asks a Register.
 * @param options Since when it is looked, and until when.
 * @yields Each worker that is gone, as soon as that is clear.
 */
export async function* findGone(
  workers: Iterable<string>,
  ask: AskCluster,
  { signal, isLate = false }: SearchOptions,
): AsyncGenerator<string> {
  const open = new Map(
    [...new Set(workers)].map((id) => [id, new Sightings(isLate)]),
  );
  for (let look = 0; look < MAX_LOOKS && open.size > 0; look++) {
    await pause(LOOK_INTERVAL, signal);
    if (signal.aborted) return;
    const cluster = await ask();
    if (cluster === undefined || !isWhole(cluster)) continue;
    const uptimes = new Map(
      cluster.workers.map((each) => [each.id, each.uptime]),
    );
    for (const [worker, sightings] of [...open]) {
      const fate = sightings.add(look, uptimes.get(worker));
      if (fate !== "open") open.delete(worker);
      if (fate === "gone") yield worker;
    }
  }
}

/** What was seen of one worker. */
class Sightings {
  #uptime: number | undefined;
  #isSilent = false;
  readonly #isLate: boolean;

  constructor(isLate: boolean) {
    this.#isLate = isLate;
  }

  /** Adds a look; `uptime` is what the worker last reported, if it is listed. */
  add(look: number, uptime: number | undefined): "open" | "gone" | "left" {
    if (uptime === undefined) {
      const isMissed = look === 0 && !this.#isLate;
      return isMissed || this.#isSilent ? "gone" : "left";
    }
    if (this.#uptime !== undefined && uptime > this.#uptime) return "left";
    this.#isSilent = this.#uptime !== undefined;
    this.#uptime = uptime;
    return "open";
  }
}

/** A Register that has just been started may not have heard of everybody yet. */
export function isWhole({ registers }: ClusterReport): boolean {
  return registers.every(({ uptime }) => uptime >= REGISTER_AGE);
}
