/** What became of all events, with the equation that must hold. @module */

import { byId, make, say } from "./dom.js";
import { count } from "./format.js";
import { tally } from "./sections.js";

const ENTRIES = [
  ["accepted", "Accepted", "Connects, messages and closes taken from clients"],
  ["acknowledged", "Acknowledged", "Their handler has finished"],
  ["inFlight", "In flight", "At a worker, and not acknowledged"],
  ["parked", "Parked", "They wait for a worker"],
  [
    "poisoned",
    "Poisoned",
    "Set aside since they were in flight in too many crashes",
  ],
  ["expired", "Expired", "Given up since no worker came in time"],
  ["redelivered", "Redelivered", "Sent again to another worker"],
  ["sent", "Sent", "Messages meant for clients that were there"],
  ["dropped", "Dropped", "Of these, dropped since the client did not keep up"],
];

/** Makes the ledger; returns what shows one in it. */
export function createLedger() {
  const shown = ENTRIES.map(([name, title, help]) => {
    const figure = make("dd", { id: `ledger-${name}` });
    const term = make("dt", { title: help }, title);
    byId("entries").append(make("div", {}, term, figure));
    return { name, figure };
  });
  return (ledger) => {
    for (const { name, figure } of shown) {
      say(figure, count(ledger[name]));
      figure.dataset.value = ledger[name];
    }
    showEquation(ledger);
  };
}

function showEquation(ledger) {
  const { accepted, fates, missing } = ledger;
  const place = byId("equation");
  const isEven = missing === 0;
  place.dataset.even = isEven;
  tally("ledger", isEven ? "✓ even" : "✗ not even");
  place.className = isEven ? "state-ready" : "level-error";
  say(
    place,
    `${isEven ? "✓" : "✗"} ${count(accepted)} accepted = ${
      fates.map((name) => `${count(ledger[name])} ${titleOf(name)}`).join(" + ")
    }${isEven ? "" : ` + ${count(missing)} unaccounted for`}`,
  );
}

function titleOf(name) {
  return ENTRIES.find(([each]) => each === name)[1].toLowerCase();
}
