import { cpuUsage } from "node:process";

/**
 * Measures how much work something is: unlike the time that passes, that does not
 * depend on what else the machine has to do.
 *
 * @param work What is measured.
 * @returns Milliseconds of a processor that this process used meanwhile.
 */
export function processorTimeOf(work: () => void): number {
  const before = cpuUsage();
  work();
  const { user, system } = cpuUsage(before);
  return (user + system) / 1_000;
}
