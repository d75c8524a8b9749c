/** What is missing, and what to do about it. @module */

import { byId, make } from "./dom.js";

const CLI = "deno run -A jsr:@gatewayworker/core/cli";

/** Says what a cluster lacks. */
export function showHints({ registers, gateways, workers, totals }) {
  const hints = [];
  const register = registerOption(registers);
  // Without a Register this is the page of a single role, which lacks nothing.
  if (registers.total > 0 && gateways.total === 0) {
    hints.push([
      "No gateway connected: start one with ",
      `${CLI} gateway ${register}`,
    ]);
  }
  if (registers.total > 0 && workers.total === 0) {
    hints.push([
      "No worker connected: start one with ",
      `${CLI} worker handler.ts ${register}`,
    ]);
  }
  if (gateways.total > 0 && totals.clients === 0) {
    const listen = gateways.rows.map((each) => each.listen).find(Boolean) ?? "";
    hints.push(["No client is connected yet. Gateways listen on ", listen]);
  }
  for (const { name, lacks } of gateways.rows) {
    if (!lacks) continue;
    hints.push([
      `Clients of ${name} wait for a label that no worker there has: start one with --label. They are `,
      lacks,
    ]);
  }
  render(hints);
}

function registerOption({ rows }) {
  const address = rows[0]?.address ?? "";
  return `--register ${
    address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, location.hostname)
  }`;
}

function render(hints) {
  const place = byId("hints");
  const key = JSON.stringify(hints);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(
    ...hints.map(([text, code]) =>
      make("p", { class: "hint" }, text, make("code", {}, code))
    ),
  );
}
