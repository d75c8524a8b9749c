import type { ClusterReport } from "../observe/report.ts";
import type {
  RegisteredGateway,
  RegisteredPeer,
  Reported,
} from "./directory.ts";

/**
 * Returns what a node told of itself, over what is known of it anyway: an original
 * one tells nothing.
 */
export function toNodeReport(
  node: Reported<RegisteredPeer> | Reported<RegisteredGateway>,
): ClusterReport["gateways"][number] {
  const { remoteAddress, age, instance, report, name = "", pid, rival } = node;
  const uptime = Math.round(age / 100) / 10;
  return {
    name,
    uptime,
    ...(pid === undefined ? {} : { pid }),
    ...report,
    // Who a node is, its link says: it cannot report in another's name.
    id: instance ?? remoteAddress,
    address: "address" in node ? node.address : remoteAddress,
    ...(rival === undefined
      ? {}
      : { conflict: `${rival.name ?? ""} (${rival.remoteAddress})`.trim() }),
  };
}
