import {
  encodePresencePart,
  type MemberRow,
  type PresenceQuery,
} from "../../wire/bodies/presence.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { NameCopy } from "./name_copy.ts";

/** Who is told what can be seen of names. */
export interface PresenceViewer extends Disposable {
  /** Clients that are shown something, counted in each name. */
  readonly watchers: number;
  /** Users of a name have changed. */
  note(name: string, uids: readonly string[]): void;
  /** Workers watch other names. */
  review(): void;
  /** A client is gone. */
  forget(client: Client): void;
}

/** Most rows of one part, and clients looked at for it. */
const MAX_ROWS = 256;

/**
 * What one gateway has of a name that nobody watches: a row for each client with a uid,
 * for whoever asks to add up.
 *
 * @param table The gateway's clients.
 * @param name The group, behind `g`, or the uid, behind `u`.
 */
export function* localParts(
  table: ClientTable,
  name: string,
): Generator<Uint8Array, Uint8Array> {
  let rows: MemberRow[] = [];
  let looked = 0;
  const take = () => {
    const tabs = rows.length;
    const guests = looked - tabs;
    const part = encodePresencePart({ users: 0, tabs, guests, rows });
    rows = [];
    looked = 0;
    return part;
  };
  for (const { uid, isAway } of clientsNamed(table, name)) {
    if (looked >= MAX_ROWS) yield take();
    looked++;
    if (uid === undefined) continue;
    rows.push({ uid, tabs: 1, attached: isAway ? 0 : 1, state: "" });
  }
  return take();
}

/** What all gateways know of a name that a worker watches: one page, and the counts. */
// deno-lint-ignore require-yield
export function* wholePart(
  copy: NameCopy,
  { after = "", limit }: PresenceQuery,
): Generator<Uint8Array, Uint8Array> {
  const { epoch, count, users, tabs, guests } = copy;
  // One row more says that there is a next page.
  const rows = copy.page(after, limit + 1).map((row) => ({
    ...row,
    state: row.state ?? "",
  }));
  return encodePresencePart({
    version: [epoch, count],
    users,
    tabs,
    guests,
    rows,
  });
}

/** The clients of a name. */
export function clientsNamed(
  table: ClientTable,
  name: string,
): ReadonlySet<Client> {
  const rest = name.slice(1);
  return name.startsWith("u") ? table.withUid(rest) : table.inGroup(rest);
}
