/** A column of a table for people. */
export interface Column<Row> {
  /** What stands above it. */
  readonly title: string;
  /** Numbers stand at the right. */
  readonly align?: "left" | "right";
  /** What a row has in it. */
  text(row: Row): string;
}

/** What stands where nothing is known. */
export const NOTHING = "-";

/** Writes rows as a table, columns as wide as they need to be. */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  const cells = rows.map((row) =>
    columns.map(({ text }) => clean(text(row)) || NOTHING)
  );
  const lines = [columns.map(({ title }) => title), ...cells];
  const widths = columns.map((_, i) =>
    lines.reduce((most, line) => Math.max(most, line[i]?.length ?? 0), 0)
  );
  return lines.map((line) =>
    line.map((cell, i) =>
      columns[i]?.align === "right"
        ? cell.padStart(widths[i] ?? 0)
        : cell.padEnd(widths[i] ?? 0)
    ).join("  ").trimEnd()
  ).join("\n") + "\n";
}

/** What a client or an operator named must not command a terminal. */
function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}

/** Writes a whole number so that thousands can be told apart. */
export function formatCount(count: number | undefined): string {
  return count === undefined ? "" : Math.round(count).toLocaleString("en-US");
}

const UNITS = ["B", "K", "M", "G", "T"];

/** Writes bytes in three or four figures. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return "";
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)}${UNITS[unit]}`;
}

/** Writes seconds as the two largest units that matter. */
export function formatDuration(seconds: number | undefined): string {
  if (seconds === undefined) return "";
  const whole = Math.floor(seconds);
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) =>
    Math.floor(whole / unit)
  );
  if (days) return `${days}d${Math.floor(whole % 86_400 / 3_600)}h`;
  if (hours) return `${hours}h${Math.floor(whole % 3_600 / 60)}m`;
  return minutes ? `${minutes}m${whole % 60}s` : `${whole}s`;
}

/** Writes a part as percent. */
export function formatPercent(part: number | undefined): string {
  return part === undefined ? "" : `${Math.round(part * 100)}%`;
}

/** Writes milliseconds. */
export function formatMilliseconds(time: number | undefined): string {
  if (time === undefined) return "";
  return `${time < 10 ? time.toFixed(1) : Math.round(time)}ms`;
}
