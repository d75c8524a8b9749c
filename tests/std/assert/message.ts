/**
 * Appends what the caller had to say to what an assertion says itself.
 *
 * @param said What the assertion says, without its final full stop.
 * @param msg What the caller adds, if anything.
 * @returns One message.
 */
export function withMessage(said: string, msg: string | undefined): string {
  return msg ? `${said}: ${msg}` : `${said}.`;
}

/**
 * Writes a value so that two different values look different.
 *
 * @param value Any value.
 * @returns The value as source-like text with sorted keys.
 */
export function show(value: unknown): string {
  return Deno.inspect(value, {
    depth: Infinity,
    sorted: true,
    trailingComma: true,
    compact: false,
    iterableLimit: Infinity,
    strAbbreviateSize: Infinity,
  });
}
