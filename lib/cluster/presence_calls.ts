import { describe } from "../base/describe.ts";
import { encodeBody } from "../wire/body.ts";
import { PartialResultError } from "../base/errors.ts";
import { quiet } from "./quiet.ts";
import { groupName, uidName } from "../wire/bodies/interest_name.ts";
import {
  encodePresenceQuery,
  MAX_MEMBERS,
  MAX_STATE,
  type MemberRow,
  type PresencePart,
  readPresencePart,
} from "../wire/bodies/presence.ts";
import { Command } from "../wire/command.ts";
import { checkClientId, checkName, checkOptions } from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type {
  Presence,
  PresenceMember,
  PresenceOf,
  PresenceOptions,
  PresenceState,
} from "./presence_options.ts";

/** Members that are named if nobody says how many. */
const DEFAULT_LIMIT = 100;

const encoder = new TextEncoder();

/** Asks who is there. */
export class PresenceCalls {
  readonly #asker: Asker;

  /** @param asker Knows the gateways. */
  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** See {@linkcode Cluster.presence}. */
  presence(of: PresenceOf, options: PresenceOptions = {}): Promise<Presence> {
    checkOptions(options);
    const { limit = DEFAULT_LIMIT, after } = options;
    const name = checkPresenceOf(of);
    checkPage(limit, after);
    const { timeout } = this.#asker;
    const head = encodePresenceQuery({ name, after, limit, timeout });
    const sum = new PresenceSum(limit, after);
    const asked = this.#asker.askAll({
      call: "presence",
      send: ({ link }, id) =>
        link.sendHeaded(Command.SelectPresence, 0, id, head),
      take: (part) => sum.take(readPresencePart(part)),
      answer: () => sum.answer(),
    }, options);
    // Of a name that a worker watches, any gateway knows all: none is missed.
    return quiet(asked.catch((error: unknown) => {
      if (sum.isWhole && error instanceof PartialResultError) {
        return sum.answer();
      }
      throw error;
    }));
  }

  /** See {@linkcode Cluster.setPresence}. */
  setPresence(
    clientId: string,
    state: PresenceState | undefined,
    group?: string,
  ): Promise<boolean> {
    const address = checkClientId(clientId);
    const name = group === undefined
      ? undefined
      : groupName(checkName("group", group));
    const text = stateText(state);
    const head = encodeBody({ state: text, ...(name && { name }) });
    return this.#asker.askOne(
      address,
      (link, id) =>
        link.sendHeaded(Command.SetPresence, address.connectionId, id, head),
      (reply) => reply === true,
    );
  }
}

/**
 * A state as JSON; an empty text for none.
 *
 * @throws {TypeError} If it is none.
 * @throws {RangeError} If it is too long.
 */
function stateText(state: PresenceState | undefined): string {
  if (state === undefined) return "";
  checkPlain(state);
  const text = JSON.stringify(state);
  const { length } = encoder.encode(text);
  if (length <= MAX_STATE) return text;
  throw new RangeError(
    `Cannot set presence as its state must be at most ${MAX_STATE} bytes of JSON: it is ${length}`,
  );
}

function checkPlain(state: unknown): void {
  const prototype = typeof state === "object" && state !== null
    ? Object.getPrototypeOf(state)
    : undefined;
  if (prototype === Object.prototype || prototype === null) return;
  throw new TypeError(
    `Cannot set presence as its state must be a plain object: found ${
      describe(state)
    }`,
  );
}

/**
 * The name that stands for a group or a uid.
 *
 * @throws {TypeError} If it is none.
 */
function checkPresenceOf(of: PresenceOf): string {
  if (typeof of === "string") return groupName(checkName("group", of));
  checkOptions(of);
  if ("uid" in of) return uidName(checkName("uid", of.uid));
  return groupName(checkName("group", of.group));
}

function checkPage(limit: number, after: string | undefined): void {
  if (!Number.isInteger(limit) || limit < 0 || limit > MAX_MEMBERS) {
    throw new RangeError(
      `Cannot tell presence as limit must be a whole number of 0 to ${MAX_MEMBERS}: current value is ${limit}`,
    );
  }
  if (after !== undefined) checkName("uid", after);
}

/**
 * What gateways say of who is there, put together: of a name that a worker watches, each
 * of them knows all that there is, and the newest counts; of others, each has its own
 * clients.
 */
class PresenceSum {
  readonly #limit: number;
  readonly #after: string | undefined;
  readonly #members = new Map<string, MemberRow>();
  #whole: PresencePart | undefined;
  #tabs = 0;
  #guests = 0;

  constructor(limit: number, after: string | undefined) {
    this.#limit = limit;
    this.#after = after;
  }

  /** Whether any gateway has told all that there is. */
  get isWhole(): boolean {
    return this.#whole !== undefined;
  }

  take(part: PresencePart): void {
    if (part.version !== undefined) {
      if (isNewer(part, this.#whole)) this.#whole = part;
      return;
    }
    this.#tabs += part.tabs;
    this.#guests += part.guests;
    for (const row of part.rows) this.#add(row);
  }

  answer(): Presence {
    if (this.#whole !== undefined) {
      const { users, tabs, guests, rows } = this.#whole;
      return { users, tabs, guests, ...this.#page(rows) };
    }
    const after = this.#after ?? "";
    const rows = [...this.#members.values()]
      .filter(({ uid }) => uid > after)
      .sort((one, other) => one.uid < other.uid ? -1 : 1)
      .slice(0, this.#limit + 1);
    const counts = { tabs: this.#tabs, guests: this.#guests };
    return { users: this.#members.size, ...counts, ...this.#page(rows) };
  }

  #add(row: MemberRow): void {
    const known = this.#members.get(row.uid);
    this.#members.set(
      row.uid,
      known === undefined ? row : {
        uid: row.uid,
        tabs: known.tabs + row.tabs,
        attached: known.attached + row.attached,
        state: row.state === "" ? known.state : row.state,
      },
    );
  }

  /** There is a next page if there is one row more than may be named. */
  #page(rows: readonly MemberRow[]): Pick<Presence, "members" | "next"> {
    const members = rows.slice(0, this.#limit).map(toMember);
    const isMore = rows.length > this.#limit && this.#limit > 0;
    return { members, next: isMore ? members.at(-1)?.uid : undefined };
  }
}

function isNewer(
  { version: [epoch, count] = [0, 0] }: PresencePart,
  known: PresencePart | undefined,
): boolean {
  if (known === undefined) return true;
  const [knownEpoch, knownCount] = known.version ?? [0, 0];
  return epoch === knownEpoch ? count > knownCount : epoch > knownEpoch;
}

/** A user, as it is shown. */
export function toMember(
  { uid, tabs, attached, state }: MemberRow,
): PresenceMember {
  return { uid, tabs, away: attached === 0, state: parseState(state) };
}

/** A state that is no JSON is none: what a gateway tells was checked where it was set. */
function parseState(text: string): PresenceState | undefined {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
