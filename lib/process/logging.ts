import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { LOG_ROOT, ROOMS } from "../observe/logger.ts";
import { rememberEvent } from "../observe/recent_events.ts";
import { type SyncWriter, writeAll } from "./write_all.ts";

/** Levels that a line can have, in order. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

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
export const LOG_FORMATS = ["text", "json"] as const;

/** One of {@linkcode LOG_FORMATS}. */
export type LogFormat = typeof LOG_FORMATS[number];

/** Options for {@linkcode startLogging}. */
export interface LoggingOptions {
  /** Lowest levels, as {@linkcode parseLogLevel} reads them; the last one counts. */
  levels: readonly string[];
  /** Lines for people, or JSON lines. */
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
  const toLine = format === "json" ? toJsonLine : toTextLine;
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

/** `2025-01-31T12:00:00.000Z WARN [gateway 0] link: Message` */
export function toTextLine(record: LogRecord, who: string): string {
  const time = new Date(record.timestamp).toISOString();
  const level = levelName(record).toUpperCase().padEnd(7);
  const message = escapeControls(record.message.map(toText).join(""));
  return `${time} ${level} [${who}] ${roomOf(record)}: ${message}${
    errorText(record)
  }\n`;
}

/** One JSON object: time, level, room, process, pid, message, then the facts. */
export function toJsonLine(record: LogRecord, who: string): string {
  const line = {
    time: new Date(record.timestamp).toISOString(),
    level: levelName(record),
    room: roomOf(record),
    process: who,
    pid: Deno.pid,
    message: record.message.map(toText).join(""),
    facts: record.properties,
  };
  return `${JSON.stringify(line, toPlain)}\n`;
}

/** What an operator would want to see of it in a report. */
function remember(record: LogRecord): void {
  const [root] = record.category;
  if (root !== LOG_ROOT || record.level === "debug") return;
  rememberEvent({
    time: record.timestamp,
    level: levelName(record),
    text: record.message.map(toText).join(""),
  });
}

function levelName({ level }: LogRecord): string {
  return level === "warning" ? "warn" : level;
}

function roomOf({ category }: LogRecord): string {
  const [root, ...rooms] = category;
  return (root === LOG_ROOT ? rooms : category).join(".");
}

function toText(part: unknown): string {
  if (typeof part === "string") return part;
  if (part instanceof Error) return part.message;
  if (typeof part !== "object" || part === null) return String(part);
  return JSON.stringify(part, toPlain);
}

/** What a peer named itself must not begin a line, nor command a terminal. */
function escapeControls(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** An error that the message does not show; with its stack if somebody must look, or wants to. */
function errorText({ level, properties, message }: LogRecord): string {
  const { error } = properties;
  if (error === undefined) return "";
  const isForExperts = level === "error" || level === "debug";
  if (isForExperts && error instanceof Error && error.stack) {
    return `\n${error.stack}`;
  }
  return message.includes(error) ? "" : `: ${escapeControls(toText(error))}`;
}

function toPlain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  return { name: value.name, message: value.message, stack: value.stack };
}
