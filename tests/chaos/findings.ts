import type { Finding, Rule } from "./finding.ts";

/** Most findings that are kept in detail; the others are counted. */
const MAX_FINDINGS = 1_000;

/** Everything that was found. */
export class Findings {
  readonly #list: Finding[] = [];
  readonly #counts = new Map<Rule, number>();

  /** The first of them, in the order they were found. */
  get list(): readonly Finding[] {
    return this.#list;
  }

  /** How often each rule was violated. */
  get counts(): ReadonlyMap<Rule, number> {
    return this.#counts;
  }

  /** Adds one. */
  report(rule: Rule, who: string, detail: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    if (this.#list.length >= MAX_FINDINGS) return;
    this.#list.push({ rule, who, detail });
  }
}
