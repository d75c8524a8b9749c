/**
 * A worker in this process. Supervisors run this module, which loads nothing that only
 * other roles and people at a terminal need.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { endsWithin } from "../../base/pause.ts";
import { BusinessWorker } from "../../worker/mod.ts";
import { answer, NOBODY } from "../ask/question.ts";
import type { CommandContext } from "../options/command.ts";
import { toHandlerUrl } from "../options/handler_url.ts";
import type { Settings } from "../options/option_table.ts";
import { WORKER_KEYS } from "../options/role_keys.ts";
import { stopTimeoutOf, workerOptions } from "../options/role_options.ts";
import { JOIN_TIME, UNANSWERED } from "../run/join_time.ts";
import { withPermissionHint } from "../run/permission_hint.ts";
import { runChild } from "../run/run_child.ts";
import { withImportHint } from "../world/import_hint.ts";
import { type Serve, serveChild } from "../run/serve_child.ts";

/** Runs one worker in this process, as `serve` does; resolves with the exit code. */
export async function runWorker(
  context: CommandContext,
  serve: Serve,
): Promise<number> {
  const { settings, operands: [handler = ""] } = context;
  const { register, id } = settings;
  const options = { who: `worker ${id}`, controlName: `worker-${Deno.pid}` };
  let isJoined = false;
  return await serve(context, options, (host) => ({
    what: `worker with handler "${handler}"`,
    load: () => void loadHandler(handler),
    start: async (signal) => {
      const worker = await startWorker(settings, { handler, signal });
      // Ready when it can take over from one that leaves.
      isJoined = await endsWithin(worker.joined(), JOIN_TIME);
      return worker;
    },
    readiness: (worker) => {
      host.onAsk = (question) =>
        answer(question, {
          report: () => ({ ...NOBODY, workers: [worker.report()] }),
          renewTrust: () => worker.renewTrust(),
        });
      return {
        line: `Worker ready: handler ${handler}, register ${
          register.join(", ")
        } (pid ${Deno.pid})${isJoined ? "" : UNANSWERED}`,
        addresses: [],
        isAlone: !isJoined && worker.report().links.length === 0,
      };
    },
    stopTimeout: stopTimeoutOf(settings),
  }));
}

/** What a worker is started with that is no setting. */
interface Start {
  readonly handler: string;
  readonly signal: AbortSignal;
}

async function startWorker(
  settings: Settings,
  { handler, signal }: Start,
): Promise<BusinessWorker> {
  const url = toHandlerUrl(handler);
  try {
    const options = workerOptions(settings);
    return await BusinessWorker.start({ ...options, handler: url, signal });
  } catch (error) {
    const hinted = withImportHint(error, url);
    // Whoever runs it in the foreground gives the permissions, as Deno says.
    if (!settings.supervised || !url.startsWith("file:")) throw hinted;
    throw withPermissionHint(hinted, fileURLToPath(url));
  }
}

/** Never rejects: who starts the worker loads it again, and hears why that fails. */
async function loadHandler(handler: string): Promise<void> {
  try {
    await import(toHandlerUrl(handler));
  } catch {
    // See above.
  }
}

if (import.meta.main) {
  await runChild({
    name: "worker",
    options: WORKER_KEYS,
    run: (context) => runWorker(context, serveChild),
  });
}
