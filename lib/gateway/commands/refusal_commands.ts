import { parseRange } from "../../base/ip_range.ts";
import { MAX_REFUSALS } from "../../link/refusal_list.ts";
import { decodeMap, numberField, textField } from "../../wire/body.ts";
import {
  decodeRefusals,
  isReason,
  isTime,
  REFUSAL_KINDS,
  type RefusalEntry,
  type RefusalKind,
} from "../../wire/bodies/refusals.ts";
import { faultOfName } from "../../wire/bodies/name.ts";
import { keptOf, type Refused } from "../clients/refused.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Call } from "./call.ts";

/** Tells all workers but one of entries that this gateway did not know. */
export type SpreadRefusals = (
  entries: readonly RefusalEntry[],
  from: WorkerLink,
) => void;

/** Commands that change, and ask, who may not come in. */
export class RefusalCommands {
  readonly #refused: Refused;
  readonly #spread: SpreadRefusals;

  /** Creates the commands of one gateway. */
  constructor(refused: Refused, spread: SpreadRefusals) {
    this.#refused = refused;
    this.#spread = spread;
  }

  /**
   * Refuses somebody, or does not any more.
   *
   * @returns How many clients were closed; of who is allowed, whether it was refused.
   * @throws {TypeError} If the name is none.
   * @throws {RangeError} If there are too many, or it would end at no time that there is.
   */
  refuse({ head, link }: Call): number | boolean {
    const body = decodeMap(head);
    const kind = REFUSAL_KINDS.find((each) => each === body["kind"]);
    if (kind === undefined) throw new TypeError("Cannot refuse: no such kind");
    const name = keptNameOf(kind, textField(body, "name") ?? "");
    const stamp = numberField(body, "stamp") ?? 0;
    const until = numberField(body, "until") ?? 0;
    if (!isTime(stamp) || !isTime(until)) {
      throw new RangeError(
        "Cannot refuse clients as until and stamp must be milliseconds since 1970",
      );
    }
    if (body["isAllowed"] === true) return this.#allow(kind, name, stamp, link);
    const reason = textField(body, "reason") ?? "";
    this.#check(kind, name, reason);
    const { list } = this.#refused;
    const isAllowed = false;
    const entry = { kind, name, until, reason, stamp, isAllowed };
    return this.#take([list.stamped(entry)], link);
  }

  /** Takes what a worker tells of; or says what is refused here, where that is asked. */
  exchange({ head, header, buffer, start, end, link }: Call): unknown {
    const { list } = this.#refused;
    if (header.number !== 0) {
      return list.all().filter(({ isAllowed }) => !isAllowed);
    }
    const bytes = head.length > 0 ? head : buffer.subarray(start, end);
    this.#take(decodeRefusals(bytes), link);
    return undefined;
  }

  #allow(
    kind: RefusalKind,
    name: string,
    stamp: number,
    link: WorkerLink,
  ): boolean {
    const { list } = this.#refused;
    const known = list.find(kind, name);
    if (known === undefined) return false;
    const entry = { ...known, stamp, isAllowed: true };
    this.#take([list.stamped(entry)], link);
    return true;
  }

  #take(entries: readonly RefusalEntry[], link: WorkerLink): number {
    const { fresh, closed } = this.#refused.take(entries);
    if (fresh.length > 0) this.#spread(fresh, link);
    return closed;
  }

  #check(kind: RefusalKind, name: string, reason: string): void {
    if (!isReason(reason)) {
      throw new RangeError("Cannot refuse: no such reason");
    }
    const { list } = this.#refused;
    if (list.find(kind, name) !== undefined || list.size < MAX_REFUSALS) return;
    list.all();
    if (list.size < MAX_REFUSALS) return;
    throw new RangeError(
      `Cannot refuse ${kind} as ${MAX_REFUSALS} are refused, the most that may be: allow some, or refuse a range of addresses in place of many`,
    );
  }
}

function keptNameOf(kind: RefusalKind, name: string): string {
  if (kind === "address") return parseRange(name).network;
  if (kind === "token") return keptOf(name);
  const fault = faultOfName(name);
  if (fault === undefined) return name;
  throw new TypeError(`Cannot refuse uid as it must be a text: found ${fault}`);
}
