/** Not a handler: it has no default export. @module */

/** What a person forgot to mark as default. */
export function handle(): void {}
