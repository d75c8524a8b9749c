import { describe } from "../../base/describe.ts";
import { ProtocolError } from "../../base/errors.ts";
import { isObject } from "../../base/is_object.ts";

/** What workers are told apart by: names and values, such as `{ game: "chess" }`. */
export type Labels = Readonly<Record<string, string>>;

/** No labels: whoever asks for none means every worker. */
export const NO_LABELS: Labels = Object.freeze({});

/** Most labels of one worker. */
export const MAX_LABELS = 16;

/** What a label's name and its value are made of. */
const WORD = /^[\w.~/:@+-]{1,64}$/;

/** The same, for people. */
export const LABEL_RULE =
  "a name and a value of 1 to 64 letters, digits and _.~/:@+- each";

/** Whether a text may be the name or the value of a label. */
export function isLabelWord(text: unknown): text is string {
  return typeof text === "string" && WORD.test(text);
}

/**
 * Checks labels that a program gives.
 *
 * @param task What cannot be done without: `start worker`.
 * @throws {TypeError} If they are none; says what was found.
 * @throws {RangeError} If there are too many.
 */
export function checkLabels(task: string, given: unknown): Labels {
  if (!isObject(given)) {
    throw new TypeError(
      `Cannot ${task} as labels must be an object of names and values: found ${
        describe(given)
      }`,
    );
  }
  const entries = Object.entries(given).toSorted(byName);
  if (entries.length > MAX_LABELS) {
    throw new RangeError(
      `Cannot ${task} as there may be ${MAX_LABELS} labels at most: current value is ${entries.length}`,
    );
  }
  for (const [name, value] of entries) {
    if (isLabelWord(name) && isLabelWord(value)) continue;
    throw new TypeError(
      `Cannot ${task} as a label must be ${LABEL_RULE}: found "${
        name.slice(0, 80)
      }" and ${
        typeof value === "string" ? `"${value.slice(0, 80)}"` : describe(value)
      }`,
    );
  }
  return Object.fromEntries(entries) as Labels;
}

/** Reads labels as people write them, `game=chess,zone=eu`; `undefined` if they are none. */
export function parseLabels(text: string): Labels | undefined {
  const parts = text.split(",").map((part) => part.split("="));
  const areLabels = parts.length <= MAX_LABELS &&
    parts.every((part) => part.length === 2 && part.every(isLabelWord));
  return areLabels ? Object.fromEntries(parts) as Labels : undefined;
}

/** Writes labels as people do, in the order of their names. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels).toSorted(byName)
    .map(([name, value]) => `${name}=${value}`).join(",");
}

/**
 * Reads labels that came over a link.
 *
 * @throws {ProtocolError} If they are none.
 */
export function readLabels(value: unknown): Labels {
  if (value === undefined) return NO_LABELS;
  try {
    return checkLabels("read labels", value);
  } catch (cause) {
    throw new ProtocolError("Cannot read labels: they are malformed", {
      cause,
    });
  }
}

/** Whether labels are there, all of those that are wanted. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  for (const name of Object.keys(wanted)) {
    if (labels[name] !== wanted[name]) return false;
  }
  return true;
}

function byName(
  [one]: readonly [string, unknown],
  [other]: readonly [string, unknown],
): number {
  return one < other ? -1 : 1;
}
