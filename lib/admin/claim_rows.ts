import type { ClaimFigures, GatewayReport } from "../observe/report.ts";
import type { Row } from "./metric.ts";

/** All of them; without `--resume` there are none. */
export const CLAIM_ROWS: readonly Row<Partial<GatewayReport>>[] = [
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
): Row<Partial<GatewayReport>> {
  return {
    name: `claims_${what}_total`,
    type: "counter",
    help,
    value: ({ claims }) => claims && read(claims),
  };
}
