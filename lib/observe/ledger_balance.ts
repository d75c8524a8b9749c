/** Counters of a gateway's ledger, by name. */
export type LedgerCounters = Readonly<Record<string, number>>;

/**
 * What events that a gateway has accepted become: each is counted in one of these at
 * any moment, so that they add up to `accepted`.
 */
export const FATES = [
  "acknowledged",
  "inFlight",
  "parked",
  "poisoned",
  "expired",
] as const;

/** Returns how many accepted events are not accounted for; 0 if all is well. */
export function missingIn(ledger: LedgerCounters): number {
  const known = FATES.reduce((sum, fate) => sum + (ledger[fate] ?? 0), 0);
  return (ledger["accepted"] ?? 0) - known;
}
