import { decodeReport, type Report, REPORT_MARKER } from "./channel.ts";

/** Longest unfinished line that is held back; a longer one passes in pieces. */
const MAX_LINE = 65_536;

/** Longest report; what is longer is no report. */
const MAX_REPORT = 16_777_216;

const NEWLINE = 0x0a;

/** Where the parts of a child's standard output go. */
export interface ChildOutputSinks {
  /** Takes a report. */
  onReport(report: Report): void;
  /** Takes what is not for the supervisor; lines come whole. Bytes may be kept. */
  onOutput(bytes: Uint8Array): void;
}

/** Separates a child's reports from whatever else it prints. */
export class ChildOutput {
  readonly #sinks: ChildOutputSinks;
  #held: Uint8Array = new Uint8Array();

  constructor(sinks: ChildOutputSinks) {
    this.#sinks = sinks;
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    let start = 0;
    let end = chunk.indexOf(NEWLINE);
    while (end !== -1) {
      this.#line(this.#takeHeld(chunk.subarray(start, end + 1)));
      start = end + 1;
      end = chunk.indexOf(NEWLINE, start);
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** Passes on what had no newline yet. */
  end(): void {
    this.#output(this.#takeHeld(new Uint8Array()));
  }

  #hold(bytes: Uint8Array): void {
    const held = this.#takeHeld(bytes);
    const limit = held[0] === REPORT_MARKER ? MAX_REPORT : MAX_LINE;
    if (held.length > limit) this.#output(held);
    else this.#held = held;
  }

  #takeHeld(next: Uint8Array): Uint8Array {
    const joined = new Uint8Array(this.#held.length + next.length);
    joined.set(this.#held);
    joined.set(next, this.#held.length);
    this.#held = new Uint8Array();
    return joined;
  }

  /** A report may follow text that was printed without a newline. */
  #line(line: Uint8Array): void {
    const marker = line.indexOf(REPORT_MARKER);
    if (marker === -1) return this.#output(line);
    const report = decodeReport(
      new TextDecoder().decode(line.subarray(marker + 1)),
    );
    if (report === undefined) return this.#output(line);
    this.#output(line.subarray(0, marker));
    this.#sinks.onReport(report);
  }

  #output(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#sinks.onOutput(bytes);
  }
}
