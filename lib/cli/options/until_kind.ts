import type { Kind } from "./option_kind.ts";

/** Milliseconds of a unit. */
const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** When something ends: so long from now, or at a time of day. */
export const UNTIL: Kind<string> = {
  placeholder: "WHEN",
  rule:
    'a time from now such as 15m, 2h or 7d, or one like "2027-01-31T12:00Z"',
  many: false,
  schema: { type: "string" },
  accepts: (text) => readUntil(text, 0) !== undefined,
  read: (texts) => texts.at(-1) ?? "",
};

/**
 * Returns which moment a text means, in milliseconds since 1970; `undefined` if none.
 *
 * @param today The time of day, likewise.
 */
export function readUntil(text: string, today: number): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (digits !== undefined) {
    return today + Number(digits) * (UNITS[unit] ?? NaN);
  }
  if (!/^\d{4}-\d{2}-\d{2}/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}
