import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { type Said, said } from "./contract.ts";

/** Messages that are kept, of all rooms together, and told at a time. */
const [MOST_KEPT, MOST_TOLD] = [10_000, 200];

/**
 * What was said, for whoever comes late, or comes back after the gateway that had its
 * session is gone. A file that all workers of this machine share; `CHAT_HISTORY` says
 * where, if that is not to be one for each start. With workers on several machines it
 * would be a database.
 */
export class Talk {
  readonly #database: DatabaseSync;

  /** Opens the file, or makes it. */
  constructor() {
    const path = Deno.env.get("CHAT_HISTORY") ??
      `${tmpdir()}/gatewayworker-chat-${Deno.ppid}.sqlite`;
    this.#database = new DatabaseSync(path);
    this.#database.exec(`
      PRAGMA busy_timeout = 5000;
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS said (
        number INTEGER PRIMARY KEY,
        key TEXT UNIQUE,
        id TEXT, name TEXT, room TEXT, text TEXT, time INTEGER
      );
      CREATE INDEX IF NOT EXISTS talk ON said (room, time);
    `);
  }

  /** Keeps something; returns it as it was kept: the first time, if it is said again. */
  add({ key, id, name, room, text, time }: Said): Said {
    const row = this.#database.prepare(`
      INSERT INTO said (key, id, name, room, text, time)
      VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (key) DO UPDATE SET key = key RETURNING *
    `).get(key, id, name, room, text, time);
    this.#database.prepare(
      "DELETE FROM said WHERE number <= (SELECT max(number) FROM said) - ?",
    ).run(MOST_KEPT);
    return said.parse(row);
  }

  /** What was said in a room later than this, the newest of it; and whether that is all. */
  since(room: string, time: number): { talk: Said[]; isWhole: boolean } {
    const rows = this.#database.prepare(`
      SELECT * FROM said WHERE room = ? AND time > ?
      ORDER BY time DESC, number DESC LIMIT ?
    `).all(room, time, MOST_TOLD + 1);
    const talk = rows.map((row) => said.parse(row)).reverse();
    return { talk: talk.slice(-MOST_TOLD), isWhole: talk.length <= MOST_TOLD };
  }

  /** Closes the file. */
  close(): void {
    this.#database.close();
  }
}
