/** The page: listens to the cluster, and shows it. @module */

import { setToken, token } from "./api.js";
import { Charts } from "./charts.js";
import { createClients } from "./clients.js";
import { byId, say } from "./dom.js";
import { showHints } from "./hints.js";
import { JournalList } from "./journal.js";
import { createLedger } from "./ledger.js";
import { LiveSign } from "./live.js";
import { createPeople } from "./people.js";
import { createSections } from "./sections.js";
import { listen } from "./stream.js";
import { createTables } from "./tables.js";
import { createTheme } from "./theme.js";
import { createTiles } from "./tiles.js";
import { showTopology } from "./topology.js";

const showTotals = createTiles();
const showTables = createTables();
const showLedger = createLedger();
const showPeople = createPeople();
const charts = new Charts();
const journal = new JournalList();
const sign = new LiveSign();
let lastTime = 0;
let isListening = false;

createTheme(() => charts.repaint());
createClients();
createSections();
document.addEventListener("visibilitychange", () => charts.repaint());
byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(byId("token").value);
  byId("login").hidden = true;
  void start();
});
void start();

/** Whoever presses Enter twice must not hear everything twice. */
async function start() {
  if (isListening) return;
  isListening = true;
  const onLost = (reason) => sign.lose(reason);
  await listen({ onEvent, onLost, onRefused });
}

function onEvent(name, data) {
  if (name === "hello") {
    byId("lookup").hidden = !data.hasToken;
    byId("tokenless").hidden = data.hasToken;
    reveal(true);
    charts.begin(data.points);
    journal.begin();
  } else if (name === "journal") journal.add(data);
  else if (name === "snapshot") show(data);
}

function show(snapshot) {
  const { gateways, workers, bridges } = snapshot;
  const overdue = [...gateways.rows, ...workers.rows, ...bridges.rows]
    .filter(({ state }) => state === "overdue").map(({ name }) => name);
  sign.take(snapshot, overdue);
  // Nobody knew more than at the last time.
  if (snapshot.time === lastTime) return;
  lastTime = snapshot.time;
  charts.add({ time: snapshot.time, ...snapshot.totals });
  showHints(snapshot);
  showTotals(snapshot.totals);
  showTopology(snapshot);
  showTables(snapshot);
  showPeople(snapshot.people);
  showLedger(snapshot.ledger);
}

function onRefused() {
  isListening = false;
  say(byId("refusal"), token() === "" ? "" : "That is not its token.");
  setToken("");
  reveal(false);
  byId("login").hidden = false;
  byId("token").value = "";
  byId("token").focus();
  sign.lock();
}

function reveal(isShown) {
  byId("main").hidden = !isShown;
  document.querySelector("nav").hidden = !isShown;
}
