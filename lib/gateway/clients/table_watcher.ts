import type { Client } from "./client.ts";

/** Who is told what changes in a table of clients, if somebody wants to know. */
export interface TableWatcher {
  /** A client has come into a group, or is not in it any more. */
  onGroup(client: Client, group: string): void;
  /** A client has got a uid, or is about to lose it, or its connection has changed. */
  onClient(client: Client): void;
}
