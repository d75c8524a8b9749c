/** A handler whose import throws. @module */
import { database } from "./throws_at_load/database.ts";

/** Never called. */
export default function throwsAtLoad(): string {
  return database;
}
