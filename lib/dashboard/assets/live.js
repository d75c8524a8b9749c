/** Whether the figures are those of now, and what is wrong if they are not. @module */

import { byId, say } from "./dom.js";
import { duration, exactTime } from "./format.js";

/** Milliseconds after which figures are old: some looks have failed by then. */
const FRESH = 3_500;

/** Milliseconds between two looks at our own clock. */
const TICK = 500;

/** The sign in the corner that says how far the page can be believed. */
export class LiveSign {
  #isListening = false;
  /** When the last snapshot was taken, by both of our clocks. */
  #steady = 0;
  #wall = 0;
  #overdue = [];
  #reason = "";

  constructor() {
    setInterval(() => this.#isListening && this.#show(), TICK);
  }

  /** A snapshot has come, which was so old when it was sent. */
  take(age, overdue) {
    this.#isListening = true;
    this.#steady = performance.now() - age;
    this.#wall = Date.now() - age;
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
    set("locked", "•", "A token is needed");
  }

  /**
   * The steady clock may stand still while the machine sleeps, the other one may be
   * set: whichever says more is right, or is corrected by the next snapshot.
   */
  get #age() {
    return Math.max(performance.now() - this.#steady, Date.now() - this.#wall);
  }

  #show() {
    byId("connection").title = this.#reason;
    if (this.#reason !== "") {
      const since = this.#wall === 0
        ? ""
        : `, figures are of ${exactTime(this.#wall).slice(11, 19)}`;
      return set("lost", "✗", `Connection to the Register lost${since}`);
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
