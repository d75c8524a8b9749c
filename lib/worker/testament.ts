import { pause } from "../base/pause.ts";
import { decodeClientState } from "../link/client_state.ts";
import { bytesField, decodeMap, textField } from "../link/body.ts";
import type { ClientState } from "../link/client_state.ts";
import type { ClusterReport } from "../observe/report.ts";

/** Milliseconds between two looks at whether a worker lives. */
const LOOK_INTERVAL = 2_500;

/** Looks after which a worker that is listed, but tells nothing, is left to others. */
const MAX_LOOKS = 60;

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

/** Asks a Register how the cluster is; `undefined` if none answers. */
export type AskCluster = () => Promise<ClusterReport | undefined>;

/**
 * Finds out which workers are gone, for the clients of a gateway that is: what a
 * worker that lives had, it closes itself. One that a Register does not list is gone;
 * one that it lists lives if its reports go on.
 *
 * @param workers Instances of the workers.
 * @param ask Asks a Register.
 * @param signal Ends the search.
 * @yields Each worker that is gone, as soon as that is clear.
 */
export async function* findGone(
  workers: Iterable<string>,
  ask: AskCluster,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const open = new Set(workers);
  const uptimes = new Map<string, number>();
  for (let look = 0; look < MAX_LOOKS && open.size > 0; look++) {
    await pause(LOOK_INTERVAL, signal);
    if (signal.aborted) return;
    const cluster = await ask();
    if (cluster === undefined) continue;
    const listed = new Map(cluster.workers.map((each) => [each.id, each]));
    for (const worker of [...open]) {
      const report = listed.get(worker);
      const before = uptimes.get(worker);
      if (report === undefined) {
        open.delete(worker);
        yield worker;
      } else if (before !== undefined && report.uptime > before) {
        open.delete(worker);
      } else uptimes.set(worker, report.uptime);
    }
  }
}
