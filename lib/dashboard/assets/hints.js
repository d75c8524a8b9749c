/** What is missing, and what to do about it. @module */

import { byId, make } from "./dom.js";

/** Says what a cluster lacks. */
export function showHints({ gateways, workers, totals }) {
  const hints = [];
  if (gateways.total === 0) {
    hints.push(["No gateway connected: start one with ", "gateway"]);
  }
  if (workers.total === 0) {
    hints.push(["No worker connected: start one with ", "worker handler.ts"]);
  }
  if (gateways.total > 0 && workers.total > 0 && totals.clients === 0) {
    hints.push(["No client is connected yet. Gateways listen on ", undefined]);
  }
  const place = byId("hints");
  const listen = gateways.rows.map((each) => each.listen).find(Boolean) ?? "";
  const key = JSON.stringify([hints, listen]);
  if (place.dataset.key === key) return;
  place.dataset.key = key;
  place.replaceChildren(...hints.map(([text, command]) =>
    make(
      "p",
      { class: "hint" },
      text,
      make(
        "code",
        {},
        command === undefined
          ? listen
          : `deno run -A jsr:@gatewayworker/core/cli ${command} --register ${location.hostname}:1236`,
      ),
    )
  ));
}
