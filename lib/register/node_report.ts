import { isObject } from "../base/is_object.ts";
import type { ClusterReport } from "../observe/report.ts";
import type {
  RegisteredGateway,
  RegisteredPeer,
  Reported,
} from "./directory.ts";

type Report = Readonly<Record<string, unknown>>;

/** What fields of a report must be; any other field is passed on as it is. */
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  ...fieldsThatAre(isNumber, [
    ...["index", "pid", "uptime", "memory", "cpu", "lag", "restarts"],
    ...["clients", "maxClients", "messagesIn", "messagesOut", "queued"],
    ...["parkedClients", "handled", "thrown", "timedOut"],
  ]),
  ...fieldsThatAre(isText, [
    ...["name", "state", "version", "gatewayId", "cell", "cluster"],
  ]),
  ...fieldsThatAre(isObject, ["ledger", "latency", "durations", "nats"]),
  ...fieldsThatAre(isObjectList, ["links", "events"]),
  ...fieldsThatAre(isObjectList, ["shards", "cells"]),
  ...fieldsThatAre(Array.isArray, ["listen"]),
};

/**
 * Returns what a node told of itself, over what is known of it anyway: an original
 * one tells nothing. What is not of its kind is left out: one node's nonsense must
 * not keep anybody from seeing all the others.
 */
export function toNodeReport(
  node: Reported<RegisteredPeer> | Reported<RegisteredGateway>,
): ClusterReport["gateways"][number] {
  const { remoteAddress, instance, report, name = "", pid, rival } = node;
  const uptime = toSeconds(node.age);
  return {
    name,
    uptime,
    ...(pid === undefined ? {} : { pid }),
    ...withoutNonsense(report ?? {}),
    ...(node.reportAge === undefined
      ? {}
      : { reportAge: toSeconds(node.reportAge) }),
    // Who a node is, its link says: it cannot report in another's name.
    id: instance ?? remoteAddress,
    address: "address" in node ? node.address : remoteAddress,
    ...(rival === undefined
      ? {}
      : { conflict: `${rival.name ?? ""} (${rival.remoteAddress})`.trim() }),
  };
}

/** The same for a bridge. */
export function toBridgeReport(
  bridge: Reported<RegisteredGateway>,
): NonNullable<ClusterReport["bridges"]>[number] {
  return toNodeReport(bridge);
}

function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds / 100) / 10;
}

function withoutNonsense(report: Report): Report {
  return Object.fromEntries(
    Object.entries(report).filter(([name, value]) =>
      !Object.hasOwn(KINDS, name) || KINDS[name]?.(value)
    ),
  );
}

function fieldsThatAre(
  kind: (value: unknown) => boolean,
  names: readonly string[],
): Record<string, (value: unknown) => boolean> {
  return Object.fromEntries(names.map((name) => [name, kind]));
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isObjectList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isObject);
}
