import { pickAt, type Random } from "./random.ts";

/** What the driver of faults can do. */
export const FAULTS = {
  "kill-worker": "SIGKILL a worker, another one is started",
  "stop-worker": "SIGTERM a worker, another one is started",
  "add-worker": "start one more worker",
  "replace-worker": "start a worker, wait until it is linked, SIGTERM another",
  "freeze-worker": "SIGSTOP a worker for some seconds",
  "freeze-worker-long":
    "SIGSTOP a worker for longer than links live without a sign",
  "no-worker": "SIGKILL or SIGTERM all workers, start new ones seconds later",
  "kill-register": "SIGKILL a Register, start it again a second later",
  "stop-registers": "SIGTERM all Registers, start them again seconds later",
  "stop-gateway": "SIGTERM a gateway, start it again",
  "kill-gateway": "SIGKILL a gateway, start it again",
  "freeze-gateway": "SIGSTOP a gateway for some seconds",
  "freeze-gateway-long":
    "SIGSTOP a gateway for 10 to 40 s, or until the end of the run",
  "step-clock":
    "set the time of day of a process an hour or 20 s ahead, or back",
  "cut-link": "cut one worker's link with a gateway",
  "cut-links": "cut all links of a gateway",
  "delay-links": "make all bytes on the links of a gateway late",
  "hold-links":
    "swallow all bytes on the links of a gateway for longer than they live without a sign",
} as const;

/** The name of a fault. */
export type FaultKind = keyof typeof FAULTS;

/** Every name. */
export const FAULT_KINDS: readonly FaultKind[] = Object.keys(FAULTS).filter(
  (kind): kind is FaultKind => Object.hasOwn(FAULTS, kind),
);

/** Faults that last for longer than a link lives without a sign of life. */
export const LONG_FAULTS: readonly FaultKind[] = [
  "freeze-worker-long",
  "hold-links",
];

/** One fault of a plan. */
export interface PlannedFault {
  /** Milliseconds after the beginning. */
  readonly at: number;
  /** What to do. */
  readonly kind: FaultKind;
  /** Decides to whom, and how long; at least 0 and less than 1. */
  readonly roll: number;
}

/** What {@linkcode planFaults} goes by. */
export interface PlanOptions {
  /** Milliseconds that the plan fills. */
  readonly duration: number;
  /** Milliseconds between two faults, at least and at most. */
  readonly gap: readonly [number, number];
  /** What may happen. */
  readonly kinds: readonly FaultKind[];
}

/** Plans faults: every kind once in random order, then again, until the time is filled. */
export function planFaults(
  { duration, gap: [min, max], kinds }: PlanOptions,
  random: Random,
): PlannedFault[] {
  const plan: PlannedFault[] = [];
  let deck: FaultKind[] = [];
  let at = random.between(min, max);
  for (; at < duration && kinds.length > 0; at += random.between(min, max)) {
    if (deck.length === 0) deck = [...kinds];
    const kind = pickAt(deck, random.next());
    if (kind === undefined) break;
    deck.splice(deck.indexOf(kind), 1);
    plan.push({ at, kind, roll: random.next() });
  }
  return plan;
}
