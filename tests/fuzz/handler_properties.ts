import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { framesOf, messageOf, nameOf, placeOf } from "../../lib/base/thrown.ts";
import { LogLines } from "../_support/log_lines.ts";
import { TestLane } from "../unit/worker/_test_lane.ts";
import type { Property } from "./properties.ts";
import { oddValues } from "./thrown_values.ts";

/** What a handler does with a value. */
const WAYS: Readonly<Record<string, (value: unknown) => unknown>> = {
  throws: (value) => {
    throw value;
  },
  rejects: (value) => Promise.reject(value),
  returns: (value) => value,
  resolves: (value) => Promise.resolve(value),
};

const isShown: Property = {
  name:
    "whatever is thrown has a message, a name and frames, none of them long",
  run: (parameters) =>
    fc.assert(
      fc.property(oddValues, (make) => {
        const value = make();
        assert(messageOf(value).length < 1_100);
        assert(nameOf(value).length <= 80);
        const frames = framesOf(value);
        assert(frames.join("").length <= 5_000);
        assert((placeOf(frames) ?? "").length <= 250);
      }),
      parameters,
    ),
};

const goesOn: Property = {
  name:
    "whatever a handler throws or returns, its client's next event is handled",
  run: async (parameters) => {
    await using _log = await LogLines.collect();
    const way = fc.constantFrom(...Object.values(WAYS));
    await fc.assert(
      fc.asyncProperty(way, oddValues, async (act, make) => {
        const owner = new TestLane((event) =>
          event.type === "message" && event.text() === "odd"
            ? act(make()) as string
            : undefined
        );
        owner.say("odd");
        owner.say("next");
        for (let turn = 0; turn < 10; turn++) await Promise.resolve();
        assertEquals(owner.done, [1, 2]);
      }),
      parameters,
    );
  },
};

/** All that must hold for any handler. */
export const HANDLER_PROPERTIES: readonly Property[] = [isShown, goesOn];
