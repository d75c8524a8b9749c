/** Most characters in a name, a room's name, a message and a message's key. */
const LIMITS = { name: 24, room: 32, text: 2_000, key: 64 } as const;

/** Control characters; a message keeps its tabs and line breaks. */
const CONTROLS = /(?![\t\n])\p{Cc}/gu;

/** What turns the text around that follows a name, wherever it is shown. */
const BIDI_CONTROLS = /\p{Bidi_Control}/gu;

/** Something that can be seen. */
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u;

/** Somebody comes, goes to another room, or takes another name. */
export interface Enter {
  /** Which message it is. */
  readonly type: "enter";
  /** Name to be known by. */
  readonly name: string;
  /** Room to be in. */
  readonly room: string;
}

/** What a page asks for. */
export type PageMessage =
  | Enter
  | { readonly type: "say"; readonly key: string; readonly text: string }
  | { readonly type: "typing" }
  | { readonly type: "invalid"; readonly reason: string };

/** Reads what a page sent: never throws, whatever the bytes were. */
export function decode(json: string): PageMessage {
  const message = parseObject(json);
  if (message === undefined) return invalid("A message must be a JSON object");
  switch (message["type"]) {
    case "enter": {
      const name = readName(message, "name");
      const room = readName(message, "room");
      if (name === undefined) return outOfLimits("name");
      return room === undefined
        ? outOfLimits("room")
        : { type: "enter", name, room };
    }
    case "say": {
      const key = readText(message, "key");
      const text = readText(message, "text");
      if (key === undefined) return outOfLimits("key");
      return text === undefined
        ? outOfLimits("text")
        : { type: "say", key, text };
    }
    case "typing":
      return { type: "typing" };
    default:
      return invalid('A message must have type "enter", "say" or "typing"');
  }
}

/** Writes what the pages are told. */
export function encode(type: string, fields: object): string {
  return JSON.stringify({ ...fields, type, time: Date.now() });
}

function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null
      ? { ...value }
      : undefined;
  } catch {
    // Not JSON: the sender is told, and nothing else is concerned.
    return undefined;
  }
}

/** Returns the field without outer blanks, or `undefined` if it is no text within its limit. */
function readText(
  message: Record<string, unknown>,
  field: keyof typeof LIMITS,
): string | undefined {
  const value = message[field];
  if (typeof value !== "string" || value.length > 2 * LIMITS[field]) {
    return undefined;
  }
  const text = value.toWellFormed().replace(CONTROLS, "").trim();
  return text.length > 0 && text.length <= LIMITS[field] ? text : undefined;
}

/** Returns a field that is shown within other text: one line, and one direction. */
function readName(
  message: Record<string, unknown>,
  field: keyof typeof LIMITS,
): string | undefined {
  const text = readText(message, field)?.replace(BIDI_CONTROLS, "")
    .replace(/\s+/g, " ").trim();
  return text !== undefined && VISIBLE.test(text) ? text : undefined;
}

function outOfLimits(field: keyof typeof LIMITS): PageMessage {
  return invalid(`"${field}" must be text of 1 to ${LIMITS[field]} characters`);
}

function invalid(reason: string): PageMessage {
  return { type: "invalid", reason };
}
