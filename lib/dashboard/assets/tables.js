/** The tables of nodes and links. @module */

import { byId } from "./dom.js";
import {
  bytes,
  cores,
  count,
  duration,
  milliseconds,
  percent,
  rate,
} from "./format.js";
import { tally } from "./sections.js";
import { stateMark } from "./state.js";
import { SortableTable } from "./table.js";

const NAME = column("name", "Name");
const STATE = {
  ...column("state", "State"),
  node: ({ state }) => stateMark(state),
};
const ADDRESS = column("address", "Address");
const USE = [
  number("memory", "Memory", bytes, "Resident memory of the process"),
  number("cpu", "CPU", cores, "Cores in use over the last second"),
  number(
    "lag",
    "Loop lag",
    milliseconds,
    "Longest delay of the event loop of late",
  ),
  number("uptime", "Uptime", duration),
  column("version", "Version"),
];

const GATEWAYS = [
  NAME,
  STATE,
  number("clients", "Clients", count),
  number("messagesIn", "In", rate, "Events of clients a second"),
  number("messagesOut", "Out", rate, "Messages to clients a second"),
  number("queued", "Queued", bytes, "Bytes that wait for clients to read them"),
  number("parkedClients", "Parked", count, "Clients that wait for a worker"),
  number("away", "Away", count, "Clients that may come back to their sessions"),
  number("links", "Links", count, "Workers that are linked"),
  number(
    "window",
    "Window",
    percent,
    "How full the fullest window to a worker is",
  ),
  number(
    "roundTrip",
    "Round trip",
    milliseconds,
    "Slowest heartbeat of a link, there and back",
  ),
  ...USE,
  ADDRESS,
  column("listen", "Listens on"),
];

const WORKERS = [
  NAME,
  STATE,
  number("clients", "Clients", count),
  number("messagesIn", "Events", rate, "Events handled a second"),
  number(
    "p50",
    "p50",
    milliseconds,
    "Half of the handlers of late took no longer",
  ),
  number(
    "p99",
    "p99",
    milliseconds,
    "All but one of a hundred handlers took no longer",
  ),
  number("queued", "Waiting", count, "Events received and not handled"),
  number("handled", "Handled", count, "Events handled since the start"),
  number("thrown", "Thrown", count, "Handlers that threw since the start"),
  number("timedOut", "Timed out", count, "Handlers given up since the start"),
  number("links", "Links", count, "Gateways that are linked"),
  column("labels", "Labels"),
  number("weight", "Weight", count, "How many clients it wants, to others' 1"),
  ...USE,
  ADDRESS,
];

const LINKS = [
  column("gatewayName", "Gateway"),
  column("workerName", "Worker"),
  {
    ...column("draining", "State"),
    value: ({ draining }) => draining ? "draining" : "ready",
    node: ({ draining }) => stateMark(draining ? "draining" : "ready"),
  },
  number("clients", "Clients", count),
  number("inFlight", "In flight", count, "Events sent and not finished"),
  number("window", "Window", percent, "How much of its window they fill"),
  number("roundTrip", "Round trip", milliseconds, "Heartbeat there and back"),
];

const BRIDGES = [
  NAME,
  STATE,
  column("cell", "Cell"),
  number("active", "Active", count, "Shards of the cell that it answers for"),
  column("nats", "NATS"),
  number("workers", "Workers", count, "Workers and programs that are linked"),
  number("gateways", "Gateways", count, "Gateways that are linked"),
  number("forged", "Forged", count, "Messages whose seal was wrong"),
  ...USE,
  ADDRESS,
];

const CELLS = [
  column("cell", "Cell"),
  column("seenBy", "Seen by"),
  {
    ...column("reachable", "State"),
    value: ({ reachable }) => reachable ? "ready" : "silent",
    node: ({ reachable }) => stateMark(reachable ? "ready" : "silent"),
  },
  number("silentFor", "Heard", duration, "Time since one of its bridges spoke"),
  number("sent", "Sent", count, "Frames since the start"),
  number("received", "Received", count, "Frames since the start"),
  number("unacknowledged", "Unacked", count, "Frames not acknowledged"),
  number("window", "Window", bytes, "Bytes of these"),
  number("lag", "Lag", milliseconds, "Age of the oldest of these"),
  number(
    "roundTrip",
    "Round trip",
    milliseconds,
    "Time that the last acknowledgement took",
  ),
  number("resent", "Resent", count, "Frames sent again"),
  number("lost", "Lost", count, "Frames that did not come across"),
  column("reasons", "Reasons"),
];

const REGISTERS = [
  NAME,
  STATE,
  number("connections", "Peers", count),
  ...USE,
  ADDRESS,
];

/** Makes the tables; returns what shows a snapshot in them. */
export function createTables() {
  const tables = {
    gateways: table("gateways", GATEWAYS, "No gateway yet."),
    workers: table("workers", WORKERS, "No worker yet."),
    links: table("links", LINKS, "No link between a gateway and a worker yet."),
    registers: table("registers", REGISTERS, "No Register answers."),
    bridges: table("bridges", BRIDGES, "No bridge."),
    cells: table("cells", CELLS, "No other cell was heard yet."),
  };
  return (snapshot) => {
    // A cluster that is no cell is shown as if there were none.
    const isAlone = snapshot.bridges.total === 0;
    for (const id of ["bridges", "cells"]) byId(id).hidden = isAlone;
    byId("to-cells").hidden = isAlone;
    for (const [name, each] of Object.entries(tables)) {
      each.show(snapshot[name]);
      tally(name, count(snapshot[name].total));
    }
  };
}

function table(id, columns, empty) {
  const key = ({ id, gateway, worker, bridge, cell }) =>
    id ?? (bridge ? `${bridge} ${cell}` : `${gateway} ${worker}`);
  const place = byId(id).querySelector(".table");
  return new SortableTable(place, { columns, key, empty });
}

function column(name, title) {
  return { name, title, value: (row) => row[name] };
}

function number(name, title, text, help) {
  return { ...column(name, title), isNumber: true, text, help };
}
