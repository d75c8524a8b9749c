/** Whether the figures are those of now, and what is wrong if they are not. @module */

import { moment, since } from "./clock.js";
import { byId, say } from "./dom.js";
import { duration, exactTime } from "./format.js";

/** Milliseconds after which figures are old: some looks have failed by then. */
const FRESH = 3_500;

/** Milliseconds between two looks at our own clock. */
const TICK = 500;

/** The sign in the corner that says how far the page can be believed. */
export class LiveSign {
  #isListening = false;
  /** When the last snapshot came, how old it was then, and when it was taken. */
  #came = moment();
  #ageThen = 0;
  #time = 0;
  #overdue = [];
  #reason = "";

  constructor() {
    setInterval(() => this.#isListening && this.#show(), TICK);
  }

  /** A snapshot has come, of a time and so old when it was sent. */
  take({ age, time }, overdue) {
    this.#isListening = true;
    this.#came = moment();
    this.#ageThen = age;
    this.#time = time;
    this.#overdue = overdue;
    this.#reason = "";
    this.#show();
  }

  /** The connection is lost: the page tries again. */
  lose(reason) {
    this.#reason = reason;
    this.#show();
  }

  /** Nothing is shown without a token. */
  lock() {
    this.#isListening = false;
    set("locked", "•", "Locked");
  }

  get #age() {
    return this.#ageThen + since(this.#came);
  }

  #show() {
    byId("connection").title = this.#reason;
    if (this.#reason !== "") {
      const of = this.#time === 0
        ? ""
        : `, figures are of ${exactTime(this.#time).slice(11, 19)}`;
      return set("lost", "✗", `Connection to the Register lost${of}`);
    }
    if (this.#age > FRESH) {
      const text = "No answer, figures are old:";
      return set("stale", "!", text, duration(this.#age / 1000));
    }
    if (this.#overdue.length === 0) return set("live", "●", "Live");
    const [first] = this.#overdue;
    const who = this.#overdue.length === 1
      ? first
      : `${this.#overdue.length} nodes`;
    set("partly", "!", `Live, without ${who}`);
  }
}

/** What grows each second is not read aloud. */
function set(state, sign, text, age = "") {
  const place = byId("connection");
  place.dataset.state = state;
  say(place.querySelector(".sign"), sign);
  say(place.querySelector(".text"), text);
  say(place.querySelector(".age"), age);
  const isOld = state === "lost" || state === "stale";
  document.body.classList.toggle("is-lost", isOld);
}
