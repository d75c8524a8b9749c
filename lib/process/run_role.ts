import { messageOf } from "../base/errors.ts";
import type { Role } from "../base/role.ts";
import { roomLogger } from "../observe/logger.ts";
import type { Readiness } from "./child.ts";
import { reasonOf } from "../base/thrown.ts";
import type { Host } from "./host.ts";
import { patience } from "../base/pause.ts";

const logger = roomLogger("process");

/** A role, and what to say about it. */
export interface RoleRun<R extends Role> {
  /** What it is, for `Cannot start …`. */
  readonly what: string;
  /** Loads code while there is to wait with the start. Must not throw. */
  load?(): void;
  /** Starts it; `signal` shuts it down. */
  start(signal: AbortSignal): Promise<R>;
  /** What to say when it is ready. */
  readiness(role: R): Readiness;
  /**
   * Most milliseconds from the order to stop to the end.
   *
   * @default {undefined} No limit: the role has its own.
   */
  readonly stopTimeout?: number;
}

/**
 * Runs a role until its host wants it to stop, or it fails.
 *
 * @param run The role.
 * @param host Who started this process.
 * @returns The exit code: 0 if it was asked to stop and did, otherwise 1.
 */
export async function runRole<R extends Role>(
  run: RoleRun<R>,
  host: Host,
): Promise<number> {
  const done = new AbortController();
  const ended = runToEnd(run, host);
  try {
    const end = await Promise.race([
      ended,
      timeOver(run, host, done.signal),
    ]);
    if (end !== "late") return end;
    host.failed(
      `Cannot stop ${run.what} within ${run.stopTimeout} ms: it ends unfinished`,
    );
    return 1;
  } finally {
    done.abort();
  }
}

/** Never rejects. */
async function runToEnd<R extends Role>(
  run: RoleRun<R>,
  host: Host,
): Promise<number> {
  let role: R;
  run.load?.();
  if (host.begun !== undefined) await host.begun;
  if (host.stop.aborted) return 0;
  try {
    role = await run.start(host.stop);
  } catch (error) {
    if (host.stop.aborted) return 0;
    host.failed(startMessage(run.what, error));
    return 1;
  }
  try {
    if (!host.stop.aborted) host.ready(run.readiness(role));
    await role.finished;
    return 0;
  } catch (error) {
    logger.debug("{what} failed: {error}", { what: run.what, error });
    host.failed(messageOf(error));
    return 1;
  }
}

/** Resolves when the time to stop is over; never without a limit. */
async function timeOver<R extends Role>(
  { stopTimeout }: RoleRun<R>,
  { stop }: Host,
  done: AbortSignal,
): Promise<"late"> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stop.addEventListener("abort", () => resolve(), { signal: done });
  if (stop.aborted) resolve();
  await promise;
  if (stopTimeout === undefined) await new Promise<never>(() => {});
  else await patience(stopTimeout, done);
  return "late";
}

/** An error in our grammar is a sentence already; the runtime's is not. */
function startMessage(what: string, error: unknown): string {
  const message = messageOf(error);
  return message.startsWith("Cannot ")
    ? message
    : `Cannot start ${what}: ${reasonOf(error)}`;
}
