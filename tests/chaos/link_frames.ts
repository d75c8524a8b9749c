/**
 * As much of the link protocol as a saboteur needs (`PROTOCOL.md`): where frames
 * begin and end, which of them is a client's message, and who says hello.
 *
 * @module
 */

/** Bytes of a frame's header, of which the first four are the length of the whole. */
const HEADER_LENGTH = 16;

/** The command of a client's message. */
const MESSAGE = 3;

/** The command of the first frame that a worker sends. */
const HELLO = 200;

/** One frame on its way. */
export interface LinkFrame {
  /** The whole frame. */
  readonly bytes: Uint8Array;
  /** What it means. */
  readonly command: number;
  /** The client that it is about. */
  readonly connectionId: number;
}

/** Cuts a stream of bytes into frames. */
export class LinkFrameReader {
  #rest: Uint8Array = new Uint8Array(0);

  /** Takes bytes and returns the frames that are whole now. */
  push(bytes: Uint8Array): LinkFrame[] {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    const view = new DataView(all.buffer);
    const frames: LinkFrame[] = [];
    let at = 0;
    while (all.length - at >= HEADER_LENGTH) {
      const length = view.getUint32(at);
      if (length > all.length - at) break;
      const command = view.getUint8(at + 4);
      const connectionId = view.getUint32(at + 8);
      frames.push({
        bytes: all.subarray(at, at + length),
        command,
        connectionId,
      });
      at += length;
    }
    this.#rest = all.slice(at);
    return frames;
  }
}

/** Says whether a frame is a client's message on its way to a worker. */
export function isMessage({ command }: LinkFrame): boolean {
  return command === MESSAGE;
}

const decoder = new TextDecoder();

/** Returns the name that a worker says in its hello; `undefined` for other frames. */
export function nameInHello({ command, bytes }: LinkFrame): string | undefined {
  if (command !== HELLO) return undefined;
  const text = decoder.decode(bytes.subarray(HEADER_LENGTH));
  return /name.(w\d+)(?=[^\d])/s.exec(text)?.[1];
}

/** Says whether a frame is the hello of a gateway. */
export function isHelloOfGateway({ command, bytes }: LinkFrame): boolean {
  if (command !== HELLO) return false;
  return decoder.decode(bytes.subarray(HEADER_LENGTH)).includes("roleggateway");
}

/** What a frame between gateways is of a claim; `undefined` if it is something else. */
export function stepOf({ command, bytes }: LinkFrame): ClaimStep | undefined {
  const step = CLAIM_COMMANDS[command];
  if (step !== undefined || command !== REPLY) return step;
  // Whatever else is in it comes behind.
  const text = decoder.decode(bytes.subarray(HEADER_LENGTH, 48));
  return /outcome.(claimed|given)/.exec(text)?.[1] as ClaimStep | undefined;
}

/** The command of a reply. */
const REPLY = 219;

/** The steps of a claim, in order. */
export const CLAIM_STEPS = [
  "claim",
  "claimed",
  "settle",
  "given",
  "end",
  "old",
] as const;

/** One of them. */
export type ClaimStep = typeof CLAIM_STEPS[number];

const CLAIM_COMMANDS: Readonly<Record<number, ClaimStep>> = {
  38: "claim",
  39: "settle",
  40: "old",
  42: "end",
};

/** What a saboteur does, once, to the messages of one client. */
export type Sabotage = "drop" | "swap" | "duplicate";

/** Spoils one message among the frames that pass, and lets all others be. */
export class Saboteur {
  readonly #sabotage: Sabotage;
  #patience: number;
  #held: LinkFrame | undefined;
  #isDone = false;

  /**
   * @param sabotage What to do.
   * @param patience How many messages to let pass before.
   */
  constructor(sabotage: Sabotage, patience: number) {
    this.#sabotage = sabotage;
    this.#patience = patience;
  }

  /** Whether it has done it. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Takes the next frame and returns what is to be sent in its place. */
  pass(frame: LinkFrame): LinkFrame[] {
    if (this.#isDone || !isMessage(frame)) return [frame];
    if (this.#held !== undefined) return this.#swap(frame, this.#held);
    if (this.#patience-- > 0) return [frame];
    if (this.#sabotage === "swap") {
      this.#held = frame;
      return [];
    }
    this.#isDone = true;
    return this.#sabotage === "drop" ? [] : [frame, frame];
  }

  #swap(frame: LinkFrame, held: LinkFrame): LinkFrame[] {
    if (frame.connectionId !== held.connectionId) return [frame];
    this.#isDone = true;
    this.#held = undefined;
    return [frame, held];
  }
}
