/** The page: listens to the cluster, and shows it. @module */

import { setToken, token } from "./api.js";
import { Charts } from "./charts.js";
import { createClients } from "./clients.js";
import { byId, say } from "./dom.js";
import { exactTime } from "./format.js";
import { showHints } from "./hints.js";
import { JournalList } from "./journal.js";
import { createLedger } from "./ledger.js";
import { listen } from "./stream.js";
import { createTables } from "./tables.js";
import { createTheme } from "./theme.js";
import { createTiles } from "./tiles.js";
import { showTopology } from "./topology.js";

const showTotals = createTiles();
const showTables = createTables();
const showLedger = createLedger();
const charts = new Charts();
const journal = new JournalList();
let lastTime = 0;

createTheme(() => charts.repaint());
createClients();
document.addEventListener("visibilitychange", () => charts.repaint());
byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(byId("token").value);
  byId("login").hidden = true;
  start();
});
start();

function start() {
  void listen({ onEvent, onLost, onRefused });
}

function onEvent(name, data) {
  if (name === "hello") {
    byId("lookup").hidden = !data.hasToken;
    byId("tokenless").hidden = data.hasToken;
    byId("main").hidden = false;
    charts.begin(data.points);
    journal.begin();
  } else if (name === "journal") journal.add(data);
  else if (name === "snapshot") show(data);
}

function show(snapshot) {
  if (snapshot.time !== lastTime) {
    charts.add({ time: snapshot.time, ...snapshot.totals });
  }
  lastTime = snapshot.time;
  connection("live", "●", "Live");
  byId("connection").title = exactTime(snapshot.time);
  showHints(snapshot);
  showTotals(snapshot.totals);
  showTopology(snapshot);
  showTables(snapshot);
  showLedger(snapshot.ledger);
}

function onLost(reason) {
  const since = lastTime === 0
    ? ""
    : `, figures are of ${exactTime(lastTime).slice(11, 19)}`;
  connection("lost", "✗", `Connection to the Register lost${since}`);
  byId("connection").title = reason;
}

function onRefused(reason) {
  say(byId("refusal"), token() === "" ? "" : `Refused. ${reason}`);
  setToken("");
  byId("main").hidden = true;
  byId("login").hidden = false;
  byId("token").value = "";
  byId("token").focus();
  connection("locked", "⚿", "A token is needed");
}

function connection(state, sign, text) {
  const place = byId("connection");
  place.dataset.state = state;
  say(place.querySelector(".sign"), sign);
  say(place.querySelector(".text"), text);
  document.body.classList.toggle("is-lost", state === "lost");
}
