/**
 * What this process logged of late, for reports: the lines that an operator would
 * see. Filled by whoever configures logging; empty in a program that does not.
 *
 * @module
 */
import type { ReportedEvent } from "./report.ts";

/** Most events that are remembered. */
const MAX_EVENTS = 20;

/** Longest text, in UTF-16 units. */
const MAX_TEXT = 300;

const events: ReportedEvent[] = [];

/** Remembers an event, in place of the oldest if there are enough. */
export function rememberEvent(event: ReportedEvent): void {
  events.push({ ...event, text: event.text.slice(0, MAX_TEXT) });
  if (events.length > MAX_EVENTS) events.shift();
}

/** Returns what happened of late, the newest last. */
export function recentEvents(): readonly ReportedEvent[] {
  return [...events];
}
