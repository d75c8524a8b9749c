import { PartialResultError } from "../base/errors.ts";
import { parseRange } from "../base/ip_range.ts";
import { encodeBody } from "../wire/body.ts";
import { Command } from "../wire/command.ts";
import {
  isReason,
  readRefusals,
  REFUSAL_KINDS,
  type RefusalEntry,
  type RefusalKind,
} from "../wire/bodies/refusals.ts";
import { checkName, checkOptions } from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type { QueryOptions } from "./call_options.ts";
import { quiet } from "./quiet.ts";
import type {
  ListedRefusal,
  RefusalTarget,
  RefuseOptions,
} from "./refusal_options.ts";

const DAY = 86_400_000;

/** Longest time for which somebody may be refused, in milliseconds. */
const LONGEST = 366 * DAY;

/** Most characters of a token, or of what is kept of one. */
const MAX_TOKEN = 1_024;

/** Has gateways refuse clients, or let them in again. */
export class Refuser {
  readonly #asker: Asker;

  /** @param asker Knows the gateways. */
  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** See {@linkcode Cluster.refuse}. */
  readonly refuse = (
    target: RefusalTarget,
    options: RefuseOptions = {},
  ): Promise<number> => {
    const subject = checkTarget(target);
    checkOptions(options);
    const { reason = "" } = options;
    const stamp = today();
    const until = checkUntil(options.until ?? stamp + DAY, stamp);
    if (!isReason(reason)) {
      throw new RangeError(
        "Cannot refuse clients as reason must be a text of at most 123 bytes",
      );
    }
    let closed = 0;
    return this.#ask("refuse", { ...subject, until, reason, stamp }, {
      take: (count) => void (closed += Number(count)),
      answer: () => closed,
    });
  };

  /** See {@linkcode Cluster.allow}. */
  readonly allow = (target: RefusalTarget): Promise<boolean> => {
    const subject = checkTarget(target);
    let wasRefused = false;
    const stamp = today();
    return this.#ask("allow", { ...subject, stamp, isAllowed: true }, {
      take: (was) => void (wasRefused ||= was === true),
      answer: () => wasRefused,
    });
  };

  /** See {@linkcode Cluster.refusals}. */
  readonly refusals = (
    options: QueryOptions = {},
  ): Promise<ListedRefusal[]> => {
    checkOptions(options);
    const found = new Map<string, RefusalEntry>();
    return this.#asker.askAll({
      call: "refusals",
      send: ({ link }, id) => link.send(Command.Refusals, 0, id),
      take: (part) => {
        for (const entry of readRefusals({ entries: part })) {
          found.set(`${entry.kind} ${entry.name}`, entry);
        }
      },
      answer: () => [...found.values()].map(listed),
    }, options);
  };

  #ask<Answer>(
    call: string,
    body: unknown,
    { take, answer }: {
      take(part: unknown): void;
      answer(): Answer;
    },
  ): Promise<Answer> {
    const head = encodeBody(body);
    const done = this.#asker.askAll<Answer>({
      call,
      send: ({ link }, id) =>
        link.sendHeaded(Command.RefuseClients, 0, id, head),
      take,
      answer,
    });
    // What all gateways would say is no matter of those that said it.
    return quiet(done.catch((error) => {
      const isMistake = error instanceof PartialResultError &&
        error.cause instanceof RangeError;
      throw isMistake ? error.cause : error;
    }));
  }
}

/** The time of day, since others have to know it too. */
function today(): number {
  return Date.now();
}

function listed({ kind, name, until, reason }: RefusalEntry): ListedRefusal {
  return { kind, name, until: new Date(until), reason };
}

/**
 * Checks whom a call means.
 *
 * @throws {TypeError} If that is nobody.
 * @throws {RangeError} If a uid or a token is too long.
 */
function checkTarget(target: unknown): { kind: RefusalKind; name: string } {
  checkOptions(target);
  const given = Object.entries(target as Record<string, unknown>)
    .filter(([, value]) => value !== undefined);
  const [field, name] = given[0] ?? [];
  const kind = REFUSAL_KINDS.find((each) => each === field);
  if (kind === undefined || given.length !== 1) {
    throw new TypeError(
      `Cannot refuse clients as it must be said which, by one of ${
        REFUSAL_KINDS.join(", ")
      }: found ${given.map(([key]) => key).join(", ") || "none"}`,
    );
  }
  if (kind === "uid") return { kind, name: checkName("uid", name) };
  const isText = typeof name === "string" && name !== "" &&
    name.length <= MAX_TOKEN;
  if (!isText) {
    throw new TypeError(`Cannot refuse clients as ${kind} must be a text`);
  }
  return { kind, name: kind === "address" ? parseRange(name).network : name };
}

function checkUntil(until: unknown, today: number): number {
  const time = until instanceof Date ? until.getTime() : until;
  const isTime = typeof time === "number" && time > today &&
    time <= today + LONGEST;
  if (isTime) return time;
  throw new RangeError(
    `Cannot refuse clients as until must be a date within a year from now, or milliseconds since 1970: current value is ${
      typeof time === "number" ? time : typeof time
    }`,
  );
}
