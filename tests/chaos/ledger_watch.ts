import type { LedgerEntry } from "../../mod.ts";
import type { Findings } from "./findings.ts";
import type { GatewayReport } from "./gateway_process.ts";

/** Says what is wrong with a gateway's counters; nothing if they add up. */
export function checkBalance(ledger: LedgerEntry): string | undefined {
  const { accepted, acknowledged, inFlight, parked, poisoned, expired } =
    ledger;
  const sum = acknowledged + inFlight + parked + poisoned + expired;
  const counts = [acknowledged, inFlight, parked, poisoned, expired];
  const isSane = counts.every((each) => Number.isInteger(each) && each >= 0);
  if (isSane && sum === accepted) return undefined;
  return `accepted ${accepted} is not acknowledged ${acknowledged} + in flight ${inFlight} + parked ${parked} + poisoned ${poisoned} + expired ${expired}`;
}

/** Says what a gateway still owes when nobody sends any more; nothing if all is done. */
export function checkSettled(ledger: LedgerEntry): string | undefined {
  const { inFlight, parked, poisoned, expired } = ledger;
  if (inFlight + parked + poisoned + expired === 0) return undefined;
  return `at the end ${inFlight} in flight, ${parked} parked, ${poisoned} poisoned, ${expired} expired`;
}

/** Looks at the counters of gateways, and reports those that do not add up. */
export class LedgerWatch {
  readonly #findings: Findings;
  /** How often counters were looked at. */
  samples = 0;
  /** Largest memory of a gateway, in bytes. */
  memory = 0;
  /** Events that gateways sent again to other workers. */
  redelivered = 0;

  /** @param findings Where findings go. */
  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Takes what a gateway said of itself. */
  take(who: string, { ledger, memory }: GatewayReport): void {
    this.samples++;
    this.memory = Math.max(this.memory, memory);
    const wrong = checkBalance(ledger);
    if (wrong !== undefined) this.#findings.report("ledger", who, wrong);
  }

  /** Takes what a gateway said when it had nothing to do any more. */
  takeLast(who: string, report: GatewayReport): void {
    this.take(who, report);
    this.redelivered += report.ledger.redelivered;
    const wrong = checkSettled(report.ledger);
    if (wrong !== undefined) this.#findings.report("ledger", who, wrong);
  }
}
