/** What happened, as a list that can be searched. @module */

import { byId, make, say } from "./dom.js";
import { ago, exactTime } from "./format.js";
import { tally } from "./sections.js";

/** Most entries that are kept and shown. */
const MAX_ENTRIES = 300;

const LEVELS = { "": 0, info: 0, warn: 1, error: 2 };

/** The list of events. */
export class JournalList {
  #entries = [];
  #list = byId("journal");

  constructor() {
    byId("search").addEventListener("input", () => this.#render());
    byId("level").addEventListener("change", () => this.#render());
    setInterval(() => this.#age(), 5_000);
  }

  /** Forgets everything: the page has connected anew. */
  begin() {
    this.#entries = [];
    this.#render();
  }

  /** Takes what was learnt since: it may have happened before what is shown. */
  add(entries) {
    this.#entries = [...this.#entries, ...entries]
      .sort((one, other) => other.time - one.time || other.number - one.number)
      .slice(0, MAX_ENTRIES);
    this.#render();
  }

  #render() {
    const word = byId("search").value.trim().toLowerCase();
    const level = LEVELS[byId("level").value];
    const found = this.#entries.filter((entry) =>
      (LEVELS[entry.level] ?? 0) >= level &&
      `${entry.who} ${entry.text} ${entry.level}`.toLowerCase().includes(word)
    );
    const all = this.#entries.length;
    tally("events", all);
    say(
      byId("matches"),
      all === 0
        ? "Nothing has happened of late."
        : `${found.length} of ${all} events`,
    );
    this.#list.replaceChildren(...found.map(toItem));
  }

  #age() {
    for (const time of this.#list.querySelectorAll("time")) {
      say(time, ago(Date.parse(time.dateTime)));
    }
  }
}

function toItem({ time, level, who, text }) {
  return make(
    "li",
    {},
    make(
      "time",
      { datetime: new Date(time).toISOString(), title: exactTime(time) },
      ago(time),
    ),
    make("span", { class: `level-${level}` }, level),
    make("span", { class: "who" }, who),
    make("span", { class: "text" }, text),
  );
}
