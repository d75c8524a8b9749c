/**
 * The journal of a run: one file to which the handlers, the clients and the driver
 * of faults all append. The system puts appended lines in one order, so that the
 * checker can say what was before what, across processes.
 *
 * @module
 */

/** Which event a handler was told. */
export type EventType = "connect" | "message" | "close";

/** A handler began with an event. */
export interface BeginRecord {
  /** What it is. */
  readonly kind: "begin";
  /** Process id of the worker. */
  readonly worker: number;
  /** Which event. */
  readonly type: EventType;
  /** The event's id. */
  readonly eventId: string;
  /** Whether it is marked as a repeat. */
  readonly redelivered: boolean;
  /** The client's id. */
  readonly clientId: string;
  /** What the client calls its connection; empty for a close. */
  readonly name: string;
  /** The client's number of its message; 0 otherwise. */
  readonly number: number;
  /** Why the client is gone, if it is a close event. */
  readonly code?: number;
  /** Number in the session that the handler found; −1 if it did not look. */
  readonly seen: number;
}

/** A handler is done with an event. */
export interface EndRecord {
  /** What it is. */
  readonly kind: "end";
  /** Process id of the worker. */
  readonly worker: number;
  /** The event's id. */
  readonly eventId: string;
  /** The client's id. */
  readonly clientId: string;
  /** What was thrown; empty if nothing. */
  readonly error: string;
}

/** A client is about to connect. */
export interface DialRecord {
  /** What it is. */
  readonly kind: "dial";
  /** What the client calls its connection. */
  readonly name: string;
  /** Which gateway. */
  readonly gateway: number;
}

/** A client is connected. */
export interface OpenRecord {
  /** What it is. */
  readonly kind: "open";
  /** What the client calls its connection. */
  readonly name: string;
}

/** A client received messages. */
export interface HeardRecord {
  /** What it is. */
  readonly kind: "heard";
  /** What the client calls its connection. */
  readonly name: string;
  /** The messages, in order. */
  readonly texts: readonly string[];
}

/** How a connection can end, as its client sees it. */
export type EndingKind =
  /** The client said goodbye, and the gateway answered. */
  | "left"
  /** The client stayed until the run was over, then left. */
  | "stayed"
  /** The gateway sent a close frame. */
  | "closed"
  /** The connection ended without a close frame. */
  | "broken"
  /** It never came to be. */
  | "refused";

/** A client's connection is over. */
export interface EndedRecord {
  /** What it is. */
  readonly kind: "ended";
  /** What the client calls its connection. */
  readonly name: string;
  /** How. */
  readonly how: EndingKind;
  /** The close code; 0 if there was none. */
  readonly code: number;
  /** Messages that the client has sent on it. */
  readonly sent: number;
}

/** What the driver can say about a worker (`w` and process id) or a gateway (`g` and number). */
export type MarkKind =
  /** It was started, at the place of one that is gone. */
  | "started"
  /** It is about to be killed. */
  | "killed"
  /** It is about to be told to stop. */
  | "stopped"
  /** Its links are about to be lost, or it is about to be suspended. */
  | "disturbed"
  /** What disturbed it is over, and so is what followed from it. */
  | "calm";

/** The driver is about to do something, or has done it. */
export interface MarkRecord {
  /** What it is. */
  readonly kind: "mark";
  /** What happens. */
  readonly mark: MarkKind;
  /** To whom. */
  readonly target: string;
}

/** One line of the journal. */
export type JournalRecord =
  | BeginRecord
  | EndRecord
  | DialRecord
  | OpenRecord
  | HeardRecord
  | EndedRecord
  | MarkRecord;

const KINDS: ReadonlySet<unknown> = new Set(
  [
    "begin",
    "end",
    "dial",
    "open",
    "heard",
    "ended",
    "mark",
  ] satisfies JournalRecord["kind"][],
);

/**
 * Reads a line.
 *
 * @returns What it says; `undefined` if it is torn, as a killed process leaves it.
 */
export function decodeRecord(line: string): JournalRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isRecord = typeof value === "object" && value !== null &&
      "kind" in value && KINDS.has(value.kind);
    // Both ends are in this folder: the kind says all.
    return isRecord ? value as JournalRecord : undefined;
  } catch {
    // The writer was killed within the line: what it wanted to say is not said.
    return undefined;
  }
}

const encoder = new TextEncoder();

/** Appends to a journal, each record with one call that ends when the system has it. */
export class JournalWriter implements Disposable {
  readonly #file: Deno.FsFile;

  /** @param path The file; made if it is not there. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { append: true, create: true });
  }

  /** Appends one record. */
  append(record: JournalRecord): void {
    // The line feed before it keeps it apart from a line that was torn.
    const bytes = encoder.encode(`\n${JSON.stringify(record)}\n`);
    for (let at = 0; at < bytes.length;) {
      at += this.#file.writeSync(bytes.subarray(at));
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Reads a journal while it grows. */
export class JournalReader implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #decoder = new TextDecoder();
  readonly #buffer = new Uint8Array(256 * 1024);
  #rest = "";
  /** Lines that made no sense: a process was killed while it wrote them. */
  torn = 0;

  /** @param path The file, which must be there. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { read: true });
  }

  /** Returns what was appended since the last call. */
  *read(): Generator<JournalRecord> {
    while (true) {
      const count = this.#file.readSync(this.#buffer);
      if (count === null) return;
      const bytes = this.#buffer.subarray(0, count);
      this.#rest += this.#decoder.decode(bytes, { stream: true });
      const lines = this.#rest.split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") continue;
        const record = decodeRecord(line);
        if (record === undefined) this.torn++;
        else yield record;
      }
    }
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}
