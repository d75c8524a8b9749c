/** Most characters of a name, and of what a tadpole says. */
const MAX_NAME = 40;
const MAX_TEXT = 200;

/** What turns the text around it, or commands a terminal. */
const UNSEEN = /\p{Cc}|\p{Bidi_Control}/gu;

/** Where a tadpole is, and where it swims. */
interface Update {
  /** Which message it is. */
  readonly type: "update";
  /** Radians, clockwise from the right. */
  readonly angle: number;
  /** How fast it swims. */
  readonly momentum: number;
  /** To the right of the middle of the pond. */
  readonly x: number;
  /** Below the middle of the pond. */
  readonly y: number;
  /** What it calls itself, if anything. */
  readonly name?: string;
}

/** What a page asks for. */
export type PageMessage =
  | Update
  | { readonly type: "message"; readonly message: string }
  | { readonly type: "other" };

/** Reads what a page sent: never throws, whatever the bytes were. */
export function decode(json: string): PageMessage {
  const { type, name, message, ...place } = parseObject(json);
  if (type === "message") {
    return { type, message: textOf(message).slice(0, MAX_TEXT) };
  }
  if (type !== "update") return { type: "other" };
  const called = textOf(name).replace(UNSEEN, "").trim().slice(0, MAX_NAME);
  return {
    type,
    angle: numberOf(place["angle"]),
    momentum: numberOf(place["momentum"]),
    x: numberOf(place["x"]),
    y: numberOf(place["y"]),
    ...(called === "" ? {} : { name: called }),
  };
}

/** Writes a message to a page. */
export function encode(type: string, fields: Record<string, unknown>): string {
  return JSON.stringify({ type, ...fields });
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    // Not JSON: the original ignores that as well.
    return {};
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number"
    ? String(value)
    : "";
}

/** The original's page sends numbers as texts. What is no number becomes 0. */
function numberOf(value: unknown): number {
  const number = Number(textOf(value));
  return Number.isFinite(number) ? number : 0;
}
