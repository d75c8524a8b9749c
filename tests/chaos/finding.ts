/** What the checker can find, and what each means. */
export const RULES = {
  lost: "a message of a connection that lived was never handled",
  order: "a message was handled before an earlier one, or after a later one",
  unmarked: "an event was repeated without being marked",
  needless: "an event was repeated though its worker was not lost",
  id: "a repeat has another id, or two events have the same one",
  overlap: "two events of one client were handled at the same time",
  connect: "a client without exactly one connect event",
  close: "a client that left without exactly one close event",
  disconnect: "a client was disconnected where that is not allowed",
  answer: "what a handler sent did not arrive, or not in order",
  told: "what a handler sent to a uid or group did not arrive",
  stray: "a client heard what was meant for another one",
  session: "a handler did not find in the session what the last one left",
  error: "a cluster call failed though nothing was wrong",
  stuck: "something did not come to an end in time",
  ledger: "the counters of a gateway do not add up",
  exit: "a process did not end as it should",
} as const;

/** The name of a rule. */
export type Rule = keyof typeof RULES;

/** One violation. */
export interface Finding {
  /** Which rule. */
  readonly rule: Rule;
  /** Whose: a connection's name, or a process. */
  readonly who: string;
  /** What was expected and what was found. */
  readonly detail: string;
}
