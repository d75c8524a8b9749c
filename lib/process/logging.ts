import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";
import { LOG_ROOT } from "../observe/logger.ts";
import { type SyncWriter, writeAll } from "./write_all.ts";

/** Levels that a line can have, in order. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = typeof LOG_LEVELS[number];

/** How lines may look. */
export const LOG_FORMATS = ["text", "json"] as const;

/** One of {@linkcode LOG_FORMATS}. */
export type LogFormat = typeof LOG_FORMATS[number];

/** Options for {@linkcode startLogging}. */
export interface LoggingOptions {
  /** Lines below this level are left out. */
  level: LogLevel;
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
  const { level, format, who, output = Deno.stderr } = options;
  const toLine = format === "json" ? toJsonLine : toTextLine;
  configureSync({
    reset: true,
    sinks: {
      output: (record: LogRecord) => writeAll(output, toLine(record, who)),
    },
    loggers: [
      { category: [], sinks: ["output"], lowestLevel: level },
      { category: ["logtape", "meta"], lowestLevel: "warning" },
    ],
  });
  return { [Symbol.dispose]: resetSync };
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
