import { now } from "../../base/clock.ts";
import { pause } from "../../base/pause.ts";
import type { Supervisor } from "../../process/supervisor.ts";
import { answersOf } from "./supervisor_answers.ts";

/** How long workers may take to find the gateways, in milliseconds. */
const PATIENCE = 5_000;

/** How often it is looked whether they have, in milliseconds. */
const INTERVAL = 20;

/**
 * Waits until every gateway has a worker, so that whoever is told that all is ready is
 * answered at once. If that takes long, those who miss somebody say so.
 *
 * @param supervisor Runs both.
 * @param signal Ends the wait.
 */
export async function workersArrive(
  supervisor: Supervisor,
  signal: AbortSignal,
): Promise<void> {
  const answers = answersOf(supervisor);
  const end = now() + PATIENCE;
  while (!signal.aborted && now() < end) {
    const { gateways } = await answers.report();
    if (gateways.every(({ state }) => state === "ready")) return;
    await pause(INTERVAL, signal);
  }
}
