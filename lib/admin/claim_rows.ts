import type { ClaimFigures, GatewayReport } from "../observe/report.ts";

/** A metric of sessions that move from one gateway to another. */
export interface ClaimRow {
  /** The end of its name. */
  readonly name: string;
  /** What it is. */
  readonly type: "gauge" | "counter";
  /** What it says. */
  readonly help: string;
  /** Finds it. */
  value(report: Partial<GatewayReport>): number | undefined;
}

/** All of them; without `--resume` there are none. */
export const CLAIM_ROWS: readonly ClaimRow[] = [
  counter("made", "Claims to sessions of other gateways", ({ made }) => made),
  counter(
    "landed",
    "Sessions that came from other gateways",
    ({ landed }) => landed,
  ),
  counter(
    "expired",
    "Claims to sessions that had ended",
    ({ failed }) => failed["expired"],
  ),
  counter(
    "lost",
    "Claims to sessions of gateways that are gone or silent",
    ({ failed }) => failed["lost"],
  ),
  counter(
    "refused",
    "Claims to sessions of somebody else",
    ({ failed }) => failed["refused"],
  ),
  counter(
    "elsewhere",
    "Claims to sessions of gateways too old to give them",
    ({ failed }) => failed["elsewhere"],
  ),
  counter(
    "later",
    "Clients that were told to claim their sessions later",
    ({ failed }) => failed["later"],
  ),
  counter(
    "given",
    "Sessions that went to other gateways",
    ({ given }) => given,
  ),
  counter(
    "denied",
    "Claims of other gateways that got no session",
    ({ denied }) => Object.values(denied).reduce((sum, each) => sum + each, 0),
  ),
  counter(
    "unstamped",
    "Messages of senders without stamps left out in a move",
    ({ unstamped }) => unstamped,
  ),
  {
    name: "claims_remembered",
    type: "gauge",
    help: "Clients known to have gone to other gateways",
    value: ({ claims }) => claims?.remembered,
  },
];

function counter(
  what: string,
  help: string,
  read: (claims: ClaimFigures) => number | undefined,
): ClaimRow {
  return {
    name: `claims_${what}_total`,
    type: "counter",
    help,
    value: ({ claims }) => claims && read(claims),
  };
}
