import { pause } from "../../base/pause.ts";
import type { DrainReport, GatewayReport } from "../../observe/report.ts";
import type { DrainOrder } from "../../process/control.ts";
import { RuntimeDirError } from "../../process/runtime_dir.ts";
import type { Answers, LostGateway } from "../ask/question.ts";

/** How often it is said how far it is, in milliseconds. */
const INTERVAL = 2_000;

/** Whom is told how it goes, and how patient balancers are. */
export interface DrainOptions {
  /** Takes a line about it. */
  say(line: string): void;
  /** Milliseconds for which readiness is red before the first client has to go. */
  readonly delay: number;
}

/**
 * Has clients leave the gateways of this process: all of them, once balancers know, or
 * some, which connect anew.
 *
 * @throws {RuntimeDirError} If some were told to go, and did not, or a gateway was lost.
 */
export async function drainGateways(
  answers: Answers,
  { rate, share, cancel = false, by }: DrainOrder,
  { say, delay }: DrainOptions,
): Promise<void> {
  if (cancel) return await cancelDrain(answers, { say, by });
  if (share === undefined) {
    await answers.expectStop?.();
    await pause(delay);
  }
  const { gateways } = await answers.report();
  const { told } = figuresOf(gateways);
  const seen: Seen = new Map();
  // Until it says how far it is, it has told nobody.
  for (const { pid, clients = 0 } of gateways) {
    const waiting = Math.round(clients * (share ?? 1));
    seen.set(pid, { ...NOTHING, waiting });
  }
  const amounts = {
    ...(rate !== undefined && { rate }),
    ...(share !== undefined && { share }),
  };
  const over = new AbortController();
  const drain = answers.drain?.({ about: "drain", ...amounts, by });
  const telling = tellProgress(answers, { say, seen, over: over.signal });
  // One that is refused is over, too.
  const [end] = await Promise.all([
    Promise.resolve(drain).finally(() => over.abort()),
    telling,
  ]);
  if (end === undefined) {
    throw new RuntimeDirError("Cannot drain: the gateways do not answer");
  }
  if ("failure" in end) throw new RuntimeDirError(end.failure);
  const left = end.waiting + end.going;
  const { lost = [] } = end;
  if (lost.length > 0) throw new RuntimeDirError(toText(lost, seen));
  say(`${end.told - told} clients were told to go, ${left} of them are here`);
  if (left === 0) return;
  throw new RuntimeDirError(
    `Cannot send all clients away: ${left} do not read, or find no other gateway; they stay until this one stops`,
  );
}

/** How far each gateway was when it was looked at last, by its pid. */
type Seen = Map<number | undefined, DrainReport>;

/** Says which gateways were lost, and how many of their clients were not told to go. */
function toText(lost: readonly LostGateway[], seen: Seen): string {
  const each = lost.map(({ name, pid }) => {
    const { waiting, going } = seen.get(pid) ?? NOTHING;
    return `${name} (pid ${pid}) ended meanwhile, with ${waiting} clients that had not been told to go and ${going} on their way when it was looked at last`;
  });
  return `Cannot send all clients away: ${each.join("; ")}`;
}

async function cancelDrain(
  answers: Answers,
  { say, by }: Pick<DrainOptions, "say"> & Pick<DrainOrder, "by">,
): Promise<void> {
  const end = await answers.drain?.({ about: "drain", cancel: true, by });
  if (end === undefined) {
    throw new RuntimeDirError("Cannot cancel: the gateways do not answer");
  }
  if ("failure" in end) throw new RuntimeDirError(end.failure);
  say("Clients stay, and others are let in again");
}

/** Looks at once, so that something is known of each, and again and again. */
async function tellProgress(
  answers: Answers,
  { say, seen, over }: {
    readonly say: (line: string) => void;
    readonly seen: Seen;
    readonly over: AbortSignal;
  },
): Promise<void> {
  while (!over.aborted) {
    const { gateways } = await answers.report();
    for (const { pid, drain } of gateways) {
      if (drain !== undefined) seen.set(pid, drain);
    }
    const { waiting, going } = figuresOf(gateways);
    if (over.aborted) return;
    say(`${waiting} clients wait for their turn, ${going} are on their way`);
    await pause(INTERVAL, over);
  }
}

function figuresOf(
  gateways: readonly Pick<GatewayReport, "drain">[],
): DrainReport {
  return sumOf(gateways.flatMap(({ drain }) => drain ?? []));
}

const NOTHING: DrainReport = { told: 0, waiting: 0, going: 0 };

/** Adds up how far several gateways are. */
export function sumOf(reports: readonly DrainReport[]): DrainReport {
  return reports.reduce(
    (sum, { told, waiting, going }) => ({
      told: sum.told + told,
      waiting: sum.waiting + waiting,
      going: sum.going + going,
    }),
    NOTHING,
  );
}
