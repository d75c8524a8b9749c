/** How nodes are: each state has a sign, so that nobody has to tell colours apart. @module */

import { make } from "./dom.js";

/** Sign and meaning of each state. */
export const STATES = {
  ready: { sign: "✓", text: "ready" },
  waiting: { sign: "!", text: "waiting" },
  draining: { sign: "↓", text: "draining" },
  silent: { sign: "?", text: "silent" },
  overdue: { sign: "✗", text: "overdue" },
};

/** Makes the mark of a state. */
export function stateMark(state) {
  const { sign, text } = STATES[state] ?? STATES.silent;
  return make(
    "span",
    { class: `state-${text}` },
    make("span", { "aria-hidden": "true" }, `${sign} `),
    text,
  );
}
