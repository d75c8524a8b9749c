import { askRegister } from "../roster/register_status.ts";
import type { Trust } from "../peer/trust.ts";
import type { ClusterReport } from "../observe/report.ts";

/** What those Registers say that matter: all that were heard lately. */
export interface Census {
  /** One report for each that answered. */
  readonly reports: readonly ClusterReport[];
  /** Whether all have answered, and one at least was there to ask. */
  readonly isComplete: boolean;
}

/** Seconds that a Register must have been up for its list to be whole. */
export const REGISTER_AGE = 5;

/**
 * Asks several Registers how the cluster is, all at once. Who has just been started
 * may not have heard of everybody yet, and does not count as having answered.
 *
 * @param registers Addresses of all that were heard lately.
 * @param trust What is believed and shown.
 */
export async function takeCensus(
  registers: readonly string[],
  trust: Trust,
): Promise<Census> {
  const answers = await Promise.allSettled(
    registers.map((register) => askRegister({ register, trust })),
  );
  const reports = answers
    .flatMap((answer) => answer.status === "fulfilled" ? [answer.value] : [])
    .filter(isWhole);
  const isComplete = reports.length > 0 && reports.length === registers.length;
  return { reports, isComplete };
}

function isWhole({ registers }: ClusterReport): boolean {
  return registers.every(({ uptime }) => uptime >= REGISTER_AGE);
}
