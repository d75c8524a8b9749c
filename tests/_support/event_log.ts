import { assert, assertEquals } from "@std/assert";
import type { HandlerEvent } from "../../mod.ts";

/** One event as a handler was told it. */
export interface LoggedCall {
  readonly client: string;
  readonly id: string;
  readonly what: string;
  readonly redelivered: boolean;
}

/** Every client event that any handler of a test was told, in the order of time. */
export class EventLog {
  readonly #calls: LoggedCall[] = [];

  /** Notes an event; only those that clients raise. */
  add(event: HandlerEvent): void {
    if (!("redelivered" in event) || !("client" in event)) return;
    const what = event.type === "message" ? event.text() : event.type;
    const { id, redelivered, client } = event;
    this.#calls.push({ client: client.id, id, what, redelivered });
  }

  /** All that was noted. */
  get calls(): readonly LoggedCall[] {
    return this.#calls;
  }

  /** How many of the events were marked. */
  get redelivered(): number {
    return this.#calls.filter(({ redelivered }) => redelivered).length;
  }

  /** What each client's handlers were told, by client id. */
  byClient(): Map<string, LoggedCall[]> {
    return Map.groupBy(this.#calls, ({ client }) => client);
  }

  /**
   * Checks that each client's events came in order and none is missing, and that
   * each repetition is marked, has the id of the first time, and comes before
   * anything newer.
   *
   * @param messages What each client sent.
   */
  check(messages: readonly string[]): void {
    for (const calls of this.byClient().values()) {
      checkClient(calls, ["connect", ...messages]);
    }
  }
}

function checkClient(
  calls: readonly LoggedCall[],
  expected: readonly string[],
): void {
  const ids: string[] = [];
  let last = -1;
  for (const { what, id, redelivered } of calls) {
    const index = expected.indexOf(what);
    if (index > last) assertEquals(what, expected[last + 1], "one is missing");
    if (index < ids.length) {
      assert(redelivered, `"${what}" came again and was not marked`);
      assertEquals(id, ids[index]);
    } else ids.push(id);
    last = index;
  }
  assertEquals(new Set(ids).size, expected.length);
  assertEquals(last, expected.length - 1);
}
