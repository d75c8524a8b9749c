/**
 * What other people's code threw, read so that nothing of it can throw again, nor be
 * longer than a line of a log may be. It may be anything: an object without a
 * prototype, one whose `message` is a getter that throws, a revoked proxy.
 *
 * @module
 */

/** Most characters of a message. */
const MAX_MESSAGE = 1_000;

/** Most characters of a frame of a stack. */
const MAX_FRAME = 250;

/** Most frames of a stack. */
const MAX_FRAMES = 20;

/** What a class of errors may be called; anything else is not shown. */
const NAME = /^[\w$.]{1,80}$/;

/** Colours, which Deno puts into messages of what it cannot load. */
// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[[\d;]*m/g;

/** Where this package's own modules are. */
const OURS = new URL("..", import.meta.url).href;

/** Returns the message of whatever was thrown, cut short if it is long. Never throws. */
export function messageOf(thrown: unknown): string {
  return attempt(() => {
    const text = String(isError(thrown) ? thrown.message : thrown)
      .replace(COLOURS, "");
    if (text.length <= MAX_MESSAGE) return text;
    return `${text.slice(0, MAX_MESSAGE)}… (${text.length} characters)`;
  }) ?? `${kindOf(thrown)} that cannot be shown`;
}

/** Returns the name of an error's class, or what else was thrown: `a string`. Never throws. */
export function nameOf(thrown: unknown): string {
  return attempt(() => {
    if (!isError(thrown)) return undefined;
    const name: unknown = thrown.name;
    return typeof name === "string" && NAME.test(name) ? name : "Error";
  }) ?? kindOf(thrown);
}

/**
 * Returns the frames of an error's stack, innermost first, without its message; none
 * if it is no error. Never throws.
 */
export function framesOf(thrown: unknown): string[] {
  return attempt(() => {
    if (!isError(thrown)) return [];
    const stack = String(thrown.stack);
    // The message may have lines that look like frames.
    const message = String(thrown.message);
    const at = message === "" ? -1 : stack.indexOf(message);
    const lines = stack.slice(at < 0 ? 0 : at + message.length).split("\n");
    return lines.map((line) => line.trim())
      .filter((line) => line.startsWith("at "))
      .slice(0, MAX_FRAMES)
      .map((line) => line.slice(0, MAX_FRAME));
  }) ?? [];
}

/**
 * Returns where the user's code threw: the innermost frame that is neither the
 * runtime's nor of this package; `undefined` if there is none.
 */
export function placeOf(frames: readonly string[]): string | undefined {
  return frames.find(isUsers);
}

/**
 * Says what was thrown, for one line: of the user's code with its class and where, such
 * as `RangeError: no database at open (file:///srv/database.ts:3:9)`; of anything else
 * just the message. Never throws.
 */
export function reasonOf(thrown: unknown): string {
  const place = placeOf(framesOf(thrown));
  const message = messageOf(thrown);
  return place === undefined
    ? message
    : `${nameOf(thrown)}: ${message} ${place}`;
}

/** Leaves out the frames that called the user's code: they are this package's. */
export function withoutCallers(frames: readonly string[]): readonly string[] {
  const last = frames.findLastIndex(isUsers);
  return last < 0 ? frames : frames.slice(0, last + 1);
}

function isUsers(frame: string): boolean {
  return /:\d+\)?$/.test(frame) && !/[( ](?:ext|node):/.test(frame) &&
    !frame.includes(OURS);
}

function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error;
}

function kindOf(thrown: unknown): string {
  if (thrown === null || thrown === undefined) return String(thrown);
  const type = typeof thrown;
  return type === "object" ? "an object" : `a ${type}`;
}

/** Reads something of an object that may throw at each touch. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
