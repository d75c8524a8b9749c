import type { TapItem } from "../../cluster/tap_feed.ts";
import type { ClusterReport } from "../../observe/report.ts";
import { LEFT_OUT } from "../../wire/bodies/tap.ts";
import { formatBytes } from "./table.ts";

/** One line for what a tap shows; what a client said commands no terminal. */
export function formatTapItem(item: TapItem): string {
  return `${partsOf(item).join("  ").replace(/\p{Cc}/gu, "?")}\n`;
}

function partsOf(item: TapItem): string[] {
  if ("note" in item) return [item.note];
  const { left, kind, client, uid, name, binary, bytes } = item;
  const { shape, payload } = item;
  if (kind === LEFT_OUT) return [`${left} frames were left out`];
  return [
    new Date(item.time).toISOString().slice(11, -1),
    item.way.padEnd(3),
    client,
    ...(uid === undefined ? [] : [uid]),
    name === undefined ? kind : `${kind} ${name}`,
    `${binary === true ? "binary " : ""}${formatBytes(bytes)}`,
    ...(shape === undefined ? [] : [shape]),
    ...(payload === undefined ? [] : [payload]),
    ...(left === undefined ? [] : [`(${left} left out before)`]),
  ];
}

/** Who taps whom, a line each; nothing while nobody does. */
export function formatTaps(gateways: ClusterReport["gateways"]): string {
  return gateways.flatMap(({ name, address, taps = [] }) =>
    taps.map(({ by, what, payload, seconds, shown, leftOut }) =>
      `TAPPED: ${by} taps ${what} at ${name} ${address}${
        payload ? " and is shown what frames say" : ""
      }, for ${seconds} s: ${shown} frames shown, ${leftOut} left out\n`
        .replace(/\p{Cc}(?!$)/gu, "?")
    )
  ).join("");
}
