import { encodeDigits, INDEX_DIGITS } from "./payload.ts";

/** What clients do to each other. */
export type Pattern = "echo" | "direct" | "group" | "broadcast";

/**
 * Who sends, and who receives it: every client `r` for which
 * `r % stride === offset`. Each client of an echo is its own only receiver.
 */
export interface Route {
  /** Index of the client that sends. */
  readonly sender: number;
  /** What the message names as its target: a client or a group. */
  readonly target: number;
  /** Distance between receivers. */
  readonly stride: number;
  /** The first receiver. */
  readonly offset: number;
  /** Number of receivers. */
  readonly receivers: number;
  /** Messages that this sender has in flight in a closed loop. */
  readonly depth: number;
}

/** What {@linkcode planRoutes} needs to know. */
export interface RoutePlan {
  /** What clients do. */
  readonly pattern: Pattern;
  /** How many there are. */
  readonly clients: number;
  /**
   * Messages in flight: of each client in `echo` and `direct`, of each group in
   * `group`, of all in `broadcast`, where each comes from another client.
   */
  readonly depth: number;
  /** Members of each group. */
  readonly groupSize: number;
  /**
   * Further groups that each client joins.
   *
   * @default {0}
   */
  readonly joins?: number;
}

/** Lays down who sends to whom. */
export function planRoutes(plan: RoutePlan): Route[] {
  const { pattern, clients, depth } = plan;
  switch (pattern) {
    case "echo":
      return range(clients).map((i) => toOne(plan, i, i));
    case "direct":
      return circle(clients).map((target, i) => toOne(plan, i, target));
    case "group":
      return range(groupCount(plan)).flatMap((group) =>
        toMany(plan, group, groupCount(plan))
      );
    case "broadcast":
      return toMany({ ...plan, depth: Math.min(depth, clients) }, 0, 1);
    default:
      return pattern satisfies never;
  }
}

/** Returns what a client says first, to be answered; `undefined` for nothing. */
export function helloOf(plan: RoutePlan, client: number): string | undefined {
  switch (plan.pattern) {
    case "direct":
      return `+${encodeDigits(client, INDEX_DIGITS)}`;
    case "group":
      return `+${encodeDigits(client % groupCount(plan), INDEX_DIGITS)}` +
        (plan.joins ? ` ${plan.joins}` : "");
    default:
      return undefined;
  }
}

function toOne(
  { clients, depth }: RoutePlan,
  sender: number,
  receiver: number,
): Route {
  return {
    sender,
    target: receiver,
    stride: clients,
    offset: receiver,
    receivers: 1,
    depth,
  };
}

function toMany(
  { clients, depth }: RoutePlan,
  group: number,
  groups: number,
): Route[] {
  const receivers = Math.ceil((clients - group) / groups);
  const apart = Math.max(Math.floor(receivers / depth), 1);
  return range(Math.min(depth, receivers)).map((i) => ({
    sender: group + i * apart * groups,
    target: group,
    stride: groups,
    offset: group,
    receivers,
    depth: 1,
  }));
}

function groupCount({ clients, groupSize }: RoutePlan): number {
  return Math.max(Math.round(clients / groupSize), 1);
}

/** Gives every client another one to write to, the same in every run; all in one circle. */
function circle(clients: number): number[] {
  const order = range(clients);
  let state = 1;
  for (let i = clients - 1; i > 0; i--) {
    state = (state * 48_271) % 2_147_483_647;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  const targets = range(clients);
  order.forEach((client, i) =>
    targets[client] = order[(i + 1) % clients] as number
  );
  return targets;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
