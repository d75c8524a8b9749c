/** Asks whether something shall be done that cannot be taken back. @module */

import { byId, make, say } from "./dom.js";

/**
 * Asks a `question` about some `facts`; the button that agrees says what it does, its
 * `verb`. Where that is dangerous, Enter alone does not do it.
 */
export function isConfirmed({ question, facts, verb, isDangerous = false }) {
  const dialog = byId("confirm");
  const act = byId("act");
  say(byId("question"), question);
  say(act, verb);
  act.className = isDangerous ? "main danger" : "main";
  byId("facts").replaceChildren(
    ...Object.entries(facts).map(([term, text]) =>
      make(
        "div",
        {},
        make("dt", {}, term),
        make("dd", { dir: "auto" }, text),
      )
    ),
  );
  dialog.returnValue = "no";
  dialog.showModal();
  if (!isDangerous) act.focus();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => resolve(dialog.returnValue === "yes"),
      { once: true },
    );
  });
}
