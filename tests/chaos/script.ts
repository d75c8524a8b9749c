/**
 * What clients say and what the handler does about it. It follows from a client's
 * name and the number of its message alone, so that the checker knows it too.
 *
 * @module
 */
import { hashOf } from "./random.ts";

/** Groups that clients are spread over. */
const GROUPS = 40;

/** A connection's name: the client's index, and which of its connections it is. */
export function connectionName(index: number, generation: number): string {
  return `c${index}.${generation}`;
}

/** Returns the index of the client that a connection belongs to. */
export function indexOf(name: string): number {
  return Number(/^c(\d+)\./.exec(name)?.[1] ?? NaN);
}

/** Returns a client's uid. */
export function uidOf(index: number): string {
  return `u${index}`;
}

/** Returns the index of the client that another one's messages are forwarded to. */
export function partnerOf(index: number): number {
  return index ^ 1;
}

/** Returns the group that a client joins. */
export function groupOf(index: number): string {
  return `g${index % GROUPS}`;
}

/** Says whether the handler counts in the session of this client. */
export function countsInSession(index: number): boolean {
  return index % 4 < 2;
}

/** What the handler does with a message. */
export interface Task {
  /** How the client is answered. */
  readonly answer: "return" | "client" | "uid" | "id";
  /** Who else is told. */
  readonly tell: "nobody" | "partner" | "group";
  /** Milliseconds that it takes; 0 for a handler that is not async. */
  readonly duration: number;
}

const ANSWERS = ["return", "client", "uid", "id"] as const;

/** Returns what the handler does with a message. */
export function taskOf(name: string, number: number): Task {
  const hash = hashOf(`${name} ${number}`);
  const roll = hash % 1_000;
  return {
    answer: ANSWERS[hash >>> 10 & 3] ?? "return",
    tell: number % 20 === 0
      ? "group"
      : number % 10 === 3
      ? "partner"
      : "nobody",
    duration: roll < 2
      ? 300 + (hash >>> 12) % 1_000
      : roll < 60
      ? 1 + (hash >>> 12) % 40
      : 0,
  };
}

/** A client's message. */
export function messageText(name: string, number: number): string {
  return `${name} ${number}`;
}

/** What a client hears: `r` an answer, `p` a partner's message, `g` one to its group. */
export function answerText(
  kind: "r" | "p" | "g",
  name: string,
  number: number,
): string {
  return `${kind} ${name} ${number}`;
}

/** A text in its parts. */
export interface ReadText {
  /** `r`, `p`, `g`, or whatever else came. */
  readonly kind: string;
  /** Whose message it goes back to. */
  readonly name: string;
  /** The number of that message. */
  readonly number: number;
}

/** Reads what {@linkcode answerText} wrote. */
export function readAnswer(text: string): ReadText {
  const [kind = "", name = "", number = ""] = text.split(" ");
  return { kind, name, number: Number(number) };
}

/** Reads what {@linkcode messageText} wrote. */
export function readMessage(text: string): { name: string; number: number } {
  const [name = "", number = ""] = text.split(" ");
  return { name, number: Number(number) };
}
