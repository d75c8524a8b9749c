import type { CellClient } from "./cell_client.ts";

/** What is known of a client without asking anybody. */
interface Known {
  readonly cell: string;
  uid: string | undefined;
  readonly groups: Set<string>;
  /** All that it must have heard, in any order. */
  readonly due: string[];
  /** What was sent before it came, or joined: that may have been on its way still. */
  readonly early: Set<string>;
}

/** A stream of messages: what one cell's handler sends for one name comes in order. */
export interface Sent {
  /** Who sent it: cell and client. */
  readonly from: string;
  /** The name that it was sent to. */
  readonly to: string;
  /** The how manieth of that stream. */
  readonly number: number;
}

/** Writes a message. */
export function textOf({ from, to, number }: Sent): string {
  return `${from}>${to}#${number}`;
}

/** Who has which uid and is in which groups: one map, as if there were one process. */
export class Model {
  readonly #clients = new Map<CellClient, Known>();
  readonly #numbers = new Map<string, number>();
  /** All that was sent, by name. */
  readonly #sent = new Map<string, string[]>();

  /** All who are connected. */
  get clients(): CellClient[] {
    return [...this.#clients.keys()];
  }

  /** Somebody came. */
  come(client: CellClient, cell: string): void {
    this.#clients.set(client, {
      cell,
      uid: undefined,
      groups: new Set(),
      due: [],
      early: new Set(this.#sent.get("toAll ")),
    });
  }

  /** Somebody left. What it heard until then is not looked at any more. */
  leave(client: CellClient): void {
    this.#clients.delete(client);
  }

  /** Somebody has a uid now, in place of another one. */
  bind(client: CellClient, uid: string): void {
    this.#of(client).uid = uid;
    this.#mayHear(client, `toUid ${uid}`);
  }

  /** Somebody is in a group now. */
  join(client: CellClient, group: string): void {
    this.#of(client).groups.add(group);
    this.#mayHear(client, `toGroup ${group}`);
  }

  /** Somebody is in a group no more. */
  part(client: CellClient, group: string): void {
    this.#of(client).groups.delete(group);
  }

  /** The cell of a client. */
  cellOf(client: CellClient): string {
    return this.#of(client).cell;
  }

  /** The clients of a uid. */
  withUid(uid: string): CellClient[] {
    return this.clients.filter((each) => this.#of(each).uid === uid);
  }

  /** The members of a group. */
  inGroup(group: string): CellClient[] {
    return this.clients.filter((each) => this.#of(each).groups.has(group));
  }

  /** Makes the next messages of a stream, and notes who must hear them. */
  send(
    from: string,
    to: string,
    count: number,
    hearers: readonly CellClient[],
  ): string[] {
    const stream = `${from}>${to}`;
    const first = this.#numbers.get(stream) ?? 0;
    this.#numbers.set(stream, first + count);
    const texts = Array.from(
      { length: count },
      (_, i) => textOf({ from, to, number: first + i + 1 }),
    );
    for (const each of hearers) this.#of(each).due.push(...texts);
    this.#sent.set(to, [...this.#sent.get(to) ?? [], ...texts]);
    return texts;
  }

  #mayHear(client: CellClient, to: string): void {
    const { due, early } = this.#of(client);
    for (const text of this.#sent.get(to) ?? []) {
      if (!due.includes(text)) early.add(text);
    }
  }

  /** Whether everybody has heard all that is due. */
  get isSettled(): boolean {
    return this.clients.every((each) =>
      without(this.#of(each).due, each.heard).length === 0
    );
  }

  /** What is wrong with what was heard, a line each. */
  get wrongs(): string[] {
    return this.clients.flatMap((client) => {
      const { cell, uid, due, early } = this.#of(client);
      const who = `client of ${cell} with uid ${uid}`;
      return [
        ...without(due, client.heard).map((text) => `${who} missed ${text}`),
        ...without(client.heard, [...due, ...early]).map((text) =>
          `${who} heard what is not its: ${text}`
        ),
        ...disorders(client.heard).map((text) =>
          `${who} heard too late ${text}`
        ),
        ...(client.closedWith === undefined
          ? []
          : [`${who} was closed with ${client.closedWith}`]),
      ];
    });
  }

  #of(client: CellClient): Known {
    const known = this.#clients.get(client);
    if (known !== undefined) return known;
    throw new RangeError("Cannot find the client: it has left");
  }
}

/** What stands in one list and not in the other, as often as it stands there more. */
function without(one: readonly string[], other: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const each of other) left.set(each, (left.get(each) ?? 0) + 1);
  return one.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}

/** What came behind a later one of its stream, of each stream. */
export function disorders(heard: readonly string[]): string[] {
  const last = new Map<string, number>();
  return heard.filter((text) => {
    const [stream = "", number] = text.split("#");
    const isLate = Number(number) <= (last.get(stream) ?? 0);
    last.set(stream, Math.max(last.get(stream) ?? 0, Number(number)));
    return isLate;
  });
}
