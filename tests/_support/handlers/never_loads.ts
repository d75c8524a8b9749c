/** A handler that waits for something that never comes. @module */

// deno-lint-ignore no-console -- the test waits for this line
console.error("handler is being loaded");
await new Promise((resolve) => setTimeout(resolve, 1_000_000));

/** Never called. */
export default function neverLoads(): void {}
