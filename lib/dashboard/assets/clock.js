/** How long something is ago, on a machine that may sleep. @module */

/** A moment, by both clocks of the browser. */
export function moment() {
  return [performance.now(), Date.now()];
}

/**
 * Milliseconds since a moment. The steady clock may stand still while the machine
 * sleeps, the other one may be set: the longer time counts.
 */
export function since(before) {
  return Math.max(...moment().map((time, i) => time - before[i]));
}
