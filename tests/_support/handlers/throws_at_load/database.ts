/** What a handler imports, and is not there. @module */
function open(): string {
  throw new RangeError("no database");
}

/** Never there. */
export const database = open();
