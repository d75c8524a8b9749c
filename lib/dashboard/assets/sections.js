/** Sections that fold: on a phone most of them begin folded. @module */

import { byId, say } from "./dom.js";

/** What a phone shows at once. */
const FIRST = ["minutes", "gateways", "workers"];

/** Folds what a small window has no room for, and opens what somebody goes to. */
export function createSections() {
  if (matchMedia("(max-width: 40rem)").matches) {
    for (const details of document.querySelectorAll("section > details")) {
      details.open = FIRST.includes(details.parentElement.id);
    }
  }
  const open = () => {
    const details = document.querySelector(":target > details");
    if (details === null || details.open) return;
    details.open = true;
    details.scrollIntoView();
  };
  addEventListener("hashchange", open);
  // A link to where one is already changes no hash.
  document.querySelector("nav").addEventListener(
    "click",
    () => queueMicrotask(open),
  );
  open();
}

/** Says beside the title of a section how much is in it. */
export function tally(id, text) {
  say(byId(id).querySelector(".tally"), text);
}
