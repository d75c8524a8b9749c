import { pathToFileURL } from "node:url";
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { framesOf, messageOf, nameOf } from "../base/thrown.ts";
import { LOG_ROOT, ROOMS } from "../observe/logger.ts";
import { rememberEvent } from "../observe/recent_events.ts";
import { type SyncWriter, writeAll } from "./write_all.ts";

/** Levels that a line can have, in order. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Most characters that a line of ours shows of one value: clients and peers fill some. */
const MAX_VALUE = 4_000;

/** What could begin a line, command a terminal, or turn the direction of a text around. */
const CONTROLS =
  /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A level, and what it is for. */
export interface LevelOf {
  /** `gateway` for one of our rooms; empty for everything. */
  readonly category: string;
  /** Lines below this level are left out. */
  readonly level: LogLevel;
}

/**
 * Reads `info` or `gateway=debug`.
 *
 * @throws {TypeError} If it is neither.
 */
export function parseLogLevel(text: string): LevelOf {
  const [, category = "", word] = /^(?:([\w.]+)=)?(\w+)$/.exec(text) ?? [];
  const level = LOG_LEVELS.find((each) => each === word);
  if (level !== undefined) return { category, level };
  throw new TypeError(
    `Cannot read log level as it must be ${
      LOG_LEVELS.join(", ")
    } or "category=level": current value is "${text}"`,
  );
}

/** How lines may look. */
export const LOG_FORMATS = ["text", "json", "short"] as const;

/** One of {@linkcode LOG_FORMATS}. */
export type LogFormat = typeof LOG_FORMATS[number];

/** Options for {@linkcode startLogging}. */
export interface LoggingOptions {
  /** Lowest levels, as {@linkcode parseLogLevel} reads them; the last one counts. */
  levels: readonly string[];
  /** Lines for people, JSON lines, or lines for somebody who develops. */
  format: LogFormat;
  /** Which process speaks: `gateway 0`. */
  who: string;
  /**
   * Takes the lines.
   *
   * @default {Deno.stderr}
   */
  output?: SyncWriter;
}

/**
 * Writes whatever this process logs, the handler's own LogTape loggers included.
 *
 * @param options How and where to.
 * @returns Disposing it ends the logging.
 */
export function startLogging(options: LoggingOptions): Disposable {
  const { levels, format, who, output = Deno.stderr } = options;
  const toLine = LINES[format];
  const byCategory = new Map<string, LogLevel>([["", "info"]]);
  for (const each of levels) {
    const { category, level } = parseLogLevel(each);
    byCategory.set(category, level);
  }
  configureSync({
    reset: true,
    sinks: {
      output: (record: LogRecord) => {
        writeAll(output, toLine(record, who));
        remember(record);
      },
    },
    loggers: [
      ...Array.from(byCategory, ([category, lowestLevel]) => ({
        category: toCategory(category),
        // A category's lines go there and nowhere else: not twice to the root's.
        sinks: ["output"],
        parentSinks: "override" as const,
        lowestLevel,
      })),
      { category: ["logtape", "meta"], lowestLevel: "warning" },
    ],
  });
  return { [Symbol.dispose]: resetSync };
}

/** One of our rooms, or a category of the handler's own, with dots. */
function toCategory(name: string): string[] {
  if (name === "") return [];
  const parts = name.split(".");
  return ROOMS.includes(parts[0] ?? "") ? [LOG_ROOT, ...parts] : parts;
}

/** `2025-01-31T12:00:00.000Z WARN [gateway 0] link: Message`, and the lines of a stack. */
export function toTextLine(record: LogRecord, who: string): string {
  const time = new Date(record.timestamp).toISOString();
  const level = levelName(record).toUpperCase().padEnd(7);
  const message = escapeControls(messageText(record));
  return `${time} ${level} [${who}] ${roomOf(record)}: ${message}${
    errorText(record)
  }\n`;
}

/** `12:00:00 error worker 0: Message`, with paths as seen from the working directory. */
export function toShortLine(record: LogRecord, who: string): string {
  const [time] = new Date(record.timestamp).toTimeString().split(" ");
  const message = escapeControls(messageText(record));
  const line = `${time} ${levelName(record)} ${who}: ${message}${
    errorText(record)
  }\n`;
  return asSeenFromHere(line);
}

/** Leaves the working directory out of URLs of files. */
export function asSeenFromHere(text: string): string {
  try {
    return text.replaceAll(`${pathToFileURL(Deno.cwd())}/`, "");
  } catch {
    // It is gone, or not for us to know: then URLs stay whole.
    return text;
  }
}

/** One JSON object: time, level, room, process, pid, message, then the facts. */
export function toJsonLine(record: LogRecord, who: string): string {
  const line = {
    time: new Date(record.timestamp).toISOString(),
    level: levelName(record),
    room: roomOf(record),
    process: who,
    pid: Deno.pid,
    message: messageText(record),
  };
  const limit = limitOf(record);
  const facts = Object.entries(record.properties).map(([name, fact]) =>
    `${JSON.stringify(name)}:${toJson(fact, limit)}`
  );
  const head = JSON.stringify(line).slice(0, -1);
  return `${head},"facts":{${facts.join(",")}}}\n`;
}

const LINES: Readonly<
  Record<LogFormat, (record: LogRecord, who: string) => string>
> = { text: toTextLine, json: toJsonLine, short: toShortLine };

/** What an operator would want to see of it in a report. */
function remember(record: LogRecord): void {
  const [root] = record.category;
  if (root !== LOG_ROOT || record.level === "debug") return;
  rememberEvent({
    time: record.timestamp,
    level: levelName(record),
    text: messageText(record),
  });
}

function levelName({ level }: LogRecord): string {
  return level === "warning" ? "warn" : level;
}

function roomOf({ category }: LogRecord): string {
  const [root, ...rooms] = category;
  return (root === LOG_ROOT ? rooms : category).join(".");
}

/** Ours are bounded; what a handler logs itself is its own. */
function limitOf({ category: [root] }: LogRecord): number {
  return root === LOG_ROOT ? MAX_VALUE : Infinity;
}

function messageText(record: LogRecord): string {
  const limit = limitOf(record);
  return record.message.map((part) => toText(part, limit)).join("");
}

/** Never throws: a value may be anything that a handler logs. */
function toText(part: unknown, limit: number): string {
  if (typeof part === "string") return clip(part, limit);
  return typeof part !== "object" || part === null || isError(part)
    ? messageOf(part)
    : toJson(part, limit);
}

/** A value as JSON, or as what can be said of it. */
function toJson(value: unknown, limit: number): string {
  const toPlain = (_key: string, part: unknown): unknown => {
    if (typeof part === "bigint") return String(part);
    if (typeof part === "string") return clip(part, limit);
    return isError(part) ? plainError(part) : part;
  };
  try {
    return JSON.stringify(value, toPlain) ?? "null";
  } catch (error) {
    return JSON.stringify(`a value that cannot be shown: ${messageOf(error)}`);
  }
}

function plainError(error: unknown): Record<string, string> {
  const [name, message] = [nameOf(error), messageOf(error)];
  const stack = [`${name}: ${message}`, ...framesOf(error)].join("\n    ");
  return { name, message, stack };
}

function isError(value: unknown): boolean {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

function clip(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}

/** What a client or peer named itself must not pass for a line of ours. */
function escapeControls(text: string): string {
  return text.replace(CONTROLS, (control) => {
    const code = control.charCodeAt(0).toString(16);
    return code.length > 2
      ? `\\u${code.padStart(4, "0")}`
      : `\\x${code.padStart(2, "0")}`;
  });
}

/** A stack, in lines of its own; or an error that the message does not show. */
function errorText({ level, properties, message }: LogRecord): string {
  const { error, stack } = properties;
  if (typeof stack === "string") return stackLines(stack.split("\n"));
  if (error === undefined) return "";
  const isForExperts = level === "error" || level === "debug";
  if (isForExperts && isError(error)) {
    const what = `${nameOf(error)}: ${messageOf(error)}`;
    return `\n${escapeControls(what)}${stackLines(framesOf(error))}`;
  }
  if (message.includes(error)) return "";
  return `: ${escapeControls(toText(error, MAX_VALUE))}`;
}

function stackLines(frames: readonly string[]): string {
  return frames.filter((frame) => frame !== "")
    .map((frame) => `\n    ${escapeControls(clip(frame, MAX_VALUE))}`).join("");
}
