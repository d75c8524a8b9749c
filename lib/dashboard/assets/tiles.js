/** The cluster in a few numbers. @module */

import { byId, make, say } from "./dom.js";
import { bytes, cores, count, milliseconds, percent, rate } from "./format.js";

const TILES = [
  ["clients", "Clients", count],
  ["messagesIn", "Events in", rate],
  ["messagesOut", "Messages out", rate],
  ["p50", "Handler p50", milliseconds, "Median of the workers' medians"],
  ["p99", "Handler p99", milliseconds, "Of the slowest worker"],
  ["roundTrip", "Link round trip", milliseconds, "Of the slowest link"],
  ["queued", "Queued for clients", bytes],
  ["waiting", "Events at workers", count, "Received and not handled"],
  ["parkedClients", "Parked clients", count, "They wait for a worker"],
  ["window", "Fullest window", percent],
  ["memory", "Memory", bytes, "All processes"],
  ["cpu", "CPU", cores, "All processes"],
  ["lag", "Event loop lag", milliseconds, "The longest of late"],
];

/** Makes the tiles; returns what shows totals in them. */
export function createTiles() {
  const shown = TILES.map(([name, title, unit, help]) => {
    const figure = make("dd", { id: `total-${name}` });
    const term = make("dt", help === undefined ? {} : { title: help }, title);
    byId("tiles").append(make("div", {}, term, figure));
    return { name, unit, figure };
  });
  return (totals) => {
    for (const { name, unit, figure } of shown) {
      say(figure, unit(totals[name]));
      figure.dataset.value = totals[name];
    }
  };
}
