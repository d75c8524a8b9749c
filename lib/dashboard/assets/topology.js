/** Who is linked to whom, as a drawing. The tables say the same in words. @module */

import { byId, draw, say } from "./dom.js";
import { count, rate } from "./format.js";
import { STATES } from "./state.js";

/** Nodes of a kind up to which each is drawn with its links. */
const MAX_DRAWN = 12;

const BOX = { width: 250, height: 44, gap: 12 };
const WIDTH = 760;

/** Draws a snapshot. */
export function showTopology({ gateways, workers, links }) {
  const isSmall = Math.max(gateways.total, workers.total) <= MAX_DRAWN;
  const summary = `${gateways.total} ${
    plural("gateway", gateways.total)
  } on the left, ${workers.total} ${
    plural("worker", workers.total)
  } on the right, ${links.total} ${plural("link", links.total)}. ${
    tally(gateways)
  }${tally(workers)}`;
  say(byId("legend"), summary.trim());
  const [left, right] = [byName(gateways.rows), byName(workers.rows)];
  const drawing = isSmall
    ? drawBoxes(left, right, links.rows)
    : drawCells(left, right);
  drawing.role = "img";
  drawing.ariaLabel = summary;
  byId("map").replaceChildren(drawing);
}

function byName(rows) {
  return rows.toSorted((one, other) =>
    one.name.localeCompare(other.name, "en", { numeric: true })
  );
}

function drawBoxes(gateways, workers, links) {
  const most = Math.max(gateways.length, workers.length, 1);
  const height = most * (BOX.height + BOX.gap) + BOX.gap;
  const place = (nodes, x) =>
    new Map(nodes.map((node, i) => {
      const y = height * (i + 0.5) / nodes.length - BOX.height / 2;
      return [node.id, { node, x, y }];
    }));
  const left = place(gateways, 1);
  const right = place(workers, WIDTH - BOX.width - 1);
  return draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${height}` },
    ...links.flatMap((link) => drawLink(link, left, right)),
    ...[...left.values()].map(drawBox),
    ...[...right.values()].map(drawBox),
  );
}

function drawLink(link, left, right) {
  const from = left.get(link.gateway);
  const to = right.get(link.worker);
  if (from === undefined || to === undefined) return [];
  const name = link.draining
    ? "is-draining"
    : link.window > 0.9
    ? "is-full"
    : "";
  return [draw("line", {
    class: name,
    x1: from.x + BOX.width,
    y1: from.y + BOX.height / 2,
    x2: to.x,
    y2: to.y + BOX.height / 2,
    "stroke-width": 1 + Math.min(5, Math.log10(1 + link.clients)),
  })];
}

function drawBox({ node, x, y }) {
  const { sign } = STATES[node.state];
  const figures = `${count(node.clients)} ${plural("client", node.clients)}, ${
    rate(node.messagesIn)
  }`;
  return draw(
    "g",
    { class: `state-${node.state}`, transform: `translate(${x} ${y})` },
    draw("rect", { width: BOX.width, height: BOX.height, rx: 6 }),
    draw("text", { x: 10, y: 18 }, `${sign} ${short(node.name)}`),
    draw(
      "text",
      { x: 10, y: 34, class: "faint" },
      `${figures} · ${node.state}`,
    ),
  );
}

/** Many nodes: a cell for each, with its sign; links stand in their table. */
function drawCells(gateways, workers) {
  const cell = 34;
  const columns = 10;
  const place = (nodes, offset) =>
    nodes.map((node, i) => {
      const x = offset + (i % columns) * cell;
      const y = 2 + Math.floor(i / columns) * cell;
      const group = draw(
        "g",
        { class: `state-${node.state}`, transform: `translate(${x} ${y})` },
        draw("rect", { width: cell - 6, height: cell - 6, rx: 4 }),
        draw("text", { x: 10, y: 19 }, STATES[node.state].sign),
        draw(
          "title",
          {},
          `${node.name}: ${node.state}, ${count(node.clients)} clients`,
        ),
      );
      return group;
    });
  const rows = Math.ceil(Math.max(gateways.length, workers.length) / columns);
  return draw(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${rows * cell + 4}` },
    ...place(gateways, 2),
    ...place(workers, WIDTH - columns * cell),
  );
}

function tally({ rows }) {
  const parts = Object.entries(STATES).filter(([state]) => state !== "ready")
    .map(([state]) => [state, rows.filter((row) => row.state === state)])
    .filter(([, found]) => found.length > 0)
    .map(([state, found]) =>
      `${found.slice(0, 3).map(({ name }) => name).join(", ")}${
        found.length > 3 ? ` and ${found.length - 3} more` : ""
      } ${state}. `
    );
  return parts.join("");
}

function short(name) {
  return name.length > 30 ? `${name.slice(0, 29)}…` : name;
}

function plural(noun, number) {
  return number === 1 ? noun : `${noun}s`;
}
