/** A number that somebody may set: what it counts, how much it may be, and what it usually is. */
export interface Quantity {
  /** What it counts. */
  readonly unit: "bytes" | "seconds" | "milliseconds" | "things";
  /** The least that it may be. */
  readonly min: number;
  /** The most that it may be; `Infinity` for any number. */
  readonly max: number;
  /** What it is if nobody says. */
  readonly default: number;
}

/** Some of them, by name. */
export type Quantities<Name extends string> = Readonly<Record<Name, Quantity>>;

/**
 * Fills in what nobody gave.
 *
 * @param quantities What there is.
 * @param given What somebody gave, and more.
 */
export function withDefaults<Name extends string>(
  quantities: Quantities<Name>,
  given: { readonly [Each in NoInfer<Name>]?: number },
): Record<Name, number> {
  const entries = namesOf(quantities).map((name) =>
    [name, given[name] ?? quantities[name].default] as const
  );
  // An entry for each name: the type of Object.fromEntries() forgets which.
  return Object.fromEntries(entries) as Record<Name, number>;
}

/**
 * Refuses what is out of range.
 *
 * @param task What cannot be done then: `start gateway`.
 * @param quantities What there is.
 * @param values What it shall be.
 * @throws {RangeError} If one is less or more than it may be.
 */
export function checkRanges<Name extends string>(
  task: string,
  quantities: Quantities<Name>,
  values: Readonly<Record<NoInfer<Name>, number>>,
): void {
  for (const name of namesOf(quantities)) {
    const { min, max } = quantities[name];
    const value = values[name];
    if (value >= min && value <= max) continue;
    const range = max === Infinity ? `>= ${min}` : `${min} to ${max}`;
    throw new RangeError(
      `Cannot ${task} as ${name} must be ${range}: current value is ${value}`,
    );
  }
}

function namesOf<Name extends string>(quantities: Quantities<Name>): Name[] {
  // Whoever is a key of it is a name of it.
  return Object.keys(quantities) as Name[];
}
