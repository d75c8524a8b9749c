/** What is known of one connection: from its client, and from the handlers. */
import type { EndedRecord } from "./journal.ts";
import { indexOf } from "./script.ts";

/** How often an event without a number was begun and ended. */
export class Occurrence {
  /** The id that it has. */
  id = "";
  /** Beginnings that were not marked as repeats. */
  unmarked = 0;
  /** Beginnings, repeats included. */
  begun = 0;
  /** When it was first done, as the number of the record; −1 if it never was. */
  doneAt = -1;
}

/** One connection of a client. */
export class ConnectionHistory {
  /** What the client calls it. */
  readonly name: string;
  /** The client. */
  readonly index: number;
  /** The gateway that it goes to. */
  gateway = "";
  /** Which of the processes at that place. */
  gatewayLife = "";
  /** The id that the gateway gave. */
  clientId = "";
  /** Whether the client was let in. */
  isOpen = false;
  /** How it ended. */
  ended: EndedRecord | undefined;
  /** Its connect event. */
  readonly connect = new Occurrence();
  /** Its close event. */
  readonly close = new Occurrence();
  /** Whether the close event was begun last, by a worker that was not lost after that. */
  isClosed = false;
  /** The message that was begun last. */
  position = 0;
  /** Who began the last event. */
  owner = 0;
  /** Ids of the messages, by their numbers. */
  readonly ids: string[] = [];
  /** Numbers of the messages that were handled to the end. */
  readonly handled: Set<number> = new Set();
  /** Events that are being handled, and by whom. */
  readonly running: Map<string, number> = new Map();
  /** Numbers of the messages that were answered. */
  readonly answered: Set<number> = new Set();
  /** The newest message that was answered. */
  lastAnswered = 0;
  /** Numbers of messages whose handlers failed, and whose answers may be missing. */
  readonly failed: Set<number> = new Set();
  /** What it heard of others. */
  readonly heard: Set<string> = new Set();
  /** @param name What the client calls it. */
  constructor(name: string) {
    this.name = name;
    this.index = indexOf(name);
  }
}
