import { MAX_MEMBERS } from "../../wire/bodies/presence.ts";
import type { PresenceRow } from "../../wire/bodies/presence_rows.ts";
import type { Client } from "../clients/client.ts";
import { isThere, NameCopy } from "./name_copy.ts";

/** What is shown of a name of which nothing is known. */
const NOTHING = new NameCopy();

/** A name that clients look at, and what they were shown of it. */
export class ShownName {
  readonly #field: string;
  readonly #changed = new Set<string>();
  #version = 0;
  /** Whether its list is too long to be shown. */
  #isLarge = false;
  /** Its counts, as they were shown. */
  #counts = "";
  #snapshot: string | undefined;
  /** Who looks. */
  readonly clients: Set<Client> = new Set();
  /** The group, behind `g`, or the uid, behind `u`. */
  readonly name: string;

  /** @param name The name. */
  constructor(name: string) {
    this.name = name;
    const field = name.startsWith("g") ? "group" : "uid";
    this.#field = `"${field}":${JSON.stringify(name.slice(1))}`;
  }

  /** Whether a client may look: it is here, and in the group or of the uid. */
  isFor({ uid, groups, connection }: Client): boolean {
    if (connection === undefined) return false;
    const rest = this.name.slice(1);
    return this.name.startsWith("g")
      ? groups?.has(rest) === true
      : uid === rest;
  }

  /**
   * Users have changed. What is shown of all stays until the difference is: it brings
   * whoever has seen that as far. To make it anew for each who asks meanwhile would be
   * work that one client could make without end.
   */
  note(uids: Iterable<string>): void {
    for (const uid of uids) this.#changed.add(uid);
  }

  /** All that is shown, as JSON, for whoever has seen up to a version. */
  snapshot(copy: NameCopy | undefined, seen: unknown): string {
    copy ??= NOTHING;
    if (this.#snapshot === undefined) this.#isLarge = isLarge(copy);
    if (seen !== undefined && seen === this.#version) {
      return `{${this.#head(copy)},"same":true}`;
    }
    this.#snapshot ??= `{${this.#head(copy)},${listOf(copy)}}`;
    return this.#snapshot;
  }

  /** What has changed since it was last taken, as JSON; nothing if that cannot be seen. */
  takeChanges(copy: NameCopy = NOTHING): string | undefined {
    const counts = countsOf(copy);
    if (this.#changed.size === 0 && counts === this.#counts) return undefined;
    this.#counts = counts;
    this.#version++;
    this.#snapshot = undefined;
    const wasLarge = this.#isLarge;
    this.#isLarge = isLarge(copy);
    const changed = [...this.#changed];
    this.#changed.clear();
    const head = this.#head(copy);
    if (this.#isLarge !== wasLarge) {
      return `{${head},"full":true,${listOf(copy)}}`;
    }
    if (this.#isLarge) return `{${head}}`;
    const rows = changed.map((uid) => copy.row(uid));
    const set = rows.filter((row) => row !== undefined && isThere(row));
    const gone = changed.filter((_, at) => !set.includes(rows[at]));
    return `{${head},"set":[${set.map(memberText)}],"gone":${
      JSON.stringify(gone)
    }}`;
  }

  /** What is said to whoever may not look any more. */
  get over(): string {
    return `{${this.#field},"v":0,"over":true}`;
  }

  #head(copy: NameCopy): string {
    return `${this.#field},"v":${this.#version},${countsOf(copy)}`;
  }
}

function isLarge({ users }: NameCopy): boolean {
  return users > MAX_MEMBERS;
}

function countsOf({ users, tabs, guests }: NameCopy): string {
  return `"users":${users},"tabs":${tabs},"guests":${guests}`;
}

function listOf(copy: NameCopy): string {
  const members = copy.page("", MAX_MEMBERS).map(memberText);
  return `"members":[${members}],"more":${isLarge(copy)}`;
}

/** A state is JSON already. */
function memberText(row: PresenceRow | undefined): string {
  const { uid = "", tabs = 0, attached = 0, state = "" } = row ?? {};
  const said = state === "" ? "" : `,"state":${state}`;
  const name = JSON.stringify(uid);
  return `{"uid":${name},"tabs":${tabs},"away":${attached === 0}${said}}`;
}
