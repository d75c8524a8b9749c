import { ProtocolError } from "../../base/errors.ts";
import { numberField, toMap } from "../body.ts";
import { type Labels, NO_LABELS, readLabels } from "./labels.ts";

/** By what a worker is chosen. */
export interface Traits {
  /** What it is told apart by. */
  readonly labels: Labels;
  /** How many clients it wants, as a multiple of others. */
  readonly weight: number;
}

/** Those of a worker like others. */
export const NO_TRAITS: Traits = { labels: NO_LABELS, weight: 1 };

/** Most that a worker may weigh. */
export const MAX_WEIGHT = 100;

/** Those that are worth telling: none of a worker like others. */
export function traitsToTell(
  { labels, weight }: Traits,
): { traits?: Traits } {
  const isOrdinary = weight === 1 && Object.keys(labels).length === 0;
  return isOrdinary ? {} : { traits: { labels, weight } };
}

/**
 * Reads what a worker says.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readTraits(value: unknown): Traits {
  const body = toMap(value);
  const weight = numberField(body, "weight") ?? 1;
  if (!(weight >= 1 && weight <= MAX_WEIGHT)) {
    throw new ProtocolError(
      `Cannot read introduction: weight is ${weight}, expected 1 to ${MAX_WEIGHT}`,
    );
  }
  return { labels: readLabels(body["labels"]), weight };
}
