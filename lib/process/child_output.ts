import { joined } from "../base/joined.ts";
import {
  decodeReport,
  MAX_REPORT,
  type Report,
  reportMarker,
} from "./channel.ts";

/** Longest unfinished line that is held back; a longer one passes in pieces. */
const MAX_LINE = 65_536;

const NEWLINE = 0x0a;

/** Where the parts of a child's standard output go. */
export interface ChildOutputSinks {
  /** Takes a report. */
  onReport(report: Report): void;
  /** Takes what is not for the supervisor; lines come whole. Bytes may be kept. */
  onOutput(bytes: Uint8Array): void;
}

/**
 * Separates a child's reports from whatever else it prints. What tells them apart is
 * the child's secret, so that no text that a handler prints is taken for a report.
 */
export class ChildOutput {
  readonly #sinks: ChildOutputSinks;
  readonly #marker: Uint8Array;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Whether what is held begins with the marker. */
  #holdsReport = false;
  /** Whether the rest of a report that is too long goes by. */
  #isSkipping = false;

  /**
   * @param sinks Where the parts go.
   * @param token The child's secret.
   */
  constructor(sinks: ChildOutputSinks, token: string) {
    this.#sinks = sinks;
    this.#marker = new TextEncoder().encode(reportMarker(token));
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    let start = 0;
    let end = chunk.indexOf(NEWLINE);
    while (end !== -1) {
      this.#hold(chunk.subarray(start, end + 1));
      this.#line(this.#takeHeld());
      start = end + 1;
      end = chunk.indexOf(NEWLINE, start);
    }
    if (start === chunk.length) return;
    this.#hold(chunk.subarray(start));
    if (this.#heldBytes > (this.#holdsReport ? MAX_REPORT : MAX_LINE)) {
      this.#pass();
    }
  }

  /** Passes on what had no newline yet. */
  end(): void {
    this.#line(this.#takeHeld());
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #takeHeld(): Uint8Array {
    const held = joined(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#holdsReport = false;
    return held;
  }

  /** Lets go of a line that is too long to be held: of a report nothing is shown. */
  #pass(): void {
    if (this.#holdsReport) {
      this.#takeHeld();
      this.#isSkipping = true;
      return;
    }
    const held = this.#takeHeld();
    if (this.#isSkipping) return;
    const marker = this.#find(held, 0);
    const end = marker === -1 ? this.#beforePart(held) : marker;
    this.#output(held.subarray(0, end));
    if (end < held.length) this.#hold(held.subarray(end));
    this.#holdsReport = marker !== -1;
  }

  /** A report may follow text that was printed without a newline. */
  #line(line: Uint8Array): void {
    if (this.#isSkipping) {
      this.#isSkipping = false;
      return;
    }
    const first = this.#find(line, 0);
    if (first === -1) return this.#output(line);
    this.#output(line.subarray(0, first));
    let last = first;
    for (let at = first; at !== -1; at = this.#find(line, at + 1)) last = at;
    const text = line.subarray(last + this.#marker.length);
    const report = decodeReport(new TextDecoder().decode(text));
    // One that was cut off is nobody's: whoever waits for it waits for so long only.
    if (report !== undefined) this.#sinks.onReport(report);
  }

  /** Where the marker is, from some place on; -1 if it is not there. */
  #find(bytes: Uint8Array, from: number): number {
    const marker = this.#marker;
    let at = bytes.indexOf(marker[0] ?? 0, from);
    while (at !== -1) {
      if (marker.every((byte, i) => bytes[at + i] === byte)) return at;
      at = bytes.indexOf(marker[0] ?? 0, at + 1);
    }
    return -1;
  }

  /** Where the bytes end that cannot be the beginning of a marker. */
  #beforePart(bytes: Uint8Array): number {
    const at = bytes.lastIndexOf(this.#marker[0] ?? 0);
    return at > bytes.length - this.#marker.length ? at : bytes.length;
  }

  #output(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#sinks.onOutput(bytes);
  }
}
