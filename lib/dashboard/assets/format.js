/** Writes figures for people, with their units. @module */

const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const COMPACT = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumSignificantDigits: 3,
});

/** `12,345` */
export function count(value) {
  return WHOLE.format(value);
}

/** `1,234/s` */
export function rate(value) {
  return `${value < 10 ? SHORT.format(value) : WHOLE.format(value)}/s`;
}

/** `1.5M` */
export function shortCount(value) {
  return COMPACT.format(value);
}

/** `1.5M/s` */
export function shortRate(value) {
  return `${COMPACT.format(value)}/s`;
}

/** `1.5M`, in powers of 1024 as options are, and as the command line writes it. */
export function bytes(value) {
  const units = ["B", "K", "M", "G", "T"];
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(unit > 0 && value < 10 ? 1 : 0)}${units[unit]}`;
}

/** `0.25ms`, `1.5s`: as the command line writes it, with more figures. */
export function milliseconds(value) {
  return value >= 1000
    ? `${SHORT.format(value / 1000)}s`
    : `${SHORT.format(value)}ms`;
}

/** `12%`, as the command line writes it. */
export function percent(part) {
  return `${Math.round(part * 100)}%`;
}

/** `1.5 cores` */
export function cores(value) {
  const rounded = Math.round(value * 100) / 100;
  return `${rounded} ${rounded === 1 ? "core" : "cores"}`;
}

/** `3d4h`, `5m2s`, as the command line writes it. */
export function duration(seconds) {
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  return parts.slice(first === -1 ? 3 : first).slice(0, 2)
    .map(([value, unit]) => `${value}${unit}`).join("");
}

/** `5s ago` */
export function ago(time, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - time) / 1000));
  return seconds < 1
    ? "now"
    : `${duration(seconds).replace(/(?<=[dhms]).*/, "")} ago`;
}

/** `2025-01-31 12:00:00.000` in the time of whoever looks. */
export function exactTime(time) {
  const date = new Date(time);
  const local = new Date(time - date.getTimezoneOffset() * 60_000);
  return local.toISOString().replace("T", " ").replace("Z", "");
}
