import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import type { Link } from "../../link/link.ts";

/** Bytes of parts after which the gateway is asked whether the client keeps up. */
const STRIDE = 32_768;

/**
 * Milliseconds to wait for that. A gateway answers when the client has taken most of what
 * waits for it, or is gone; and with the link everything ends.
 */
const TIMEOUT = 3_600_000;

const NOTHING_TO_WAIT_FOR: Promise<void> = Promise.resolve();

/**
 * The parts of one answer on their way: whoever awaits each of them has no more than two
 * strides on the way to a client that does not keep up.
 */
export class PartFlow {
  readonly #link: Link;
  readonly #connectionId: number;
  #unasked = 0;
  #before: Promise<unknown> = NOTHING_TO_WAIT_FOR;

  /** Creates the flow of one answer. */
  constructor(link: Link, connectionId: number) {
    this.#link = link;
    this.#connectionId = connectionId;
  }

  /** Sends a part; returns what to wait for before the next. */
  send(frame: string): Promise<unknown> {
    this.#unasked += frame.length;
    if (this.#unasked < STRIDE) {
      this.#send(frame, 0);
      return NOTHING_TO_WAIT_FOR;
    }
    this.#unasked = 0;
    const { id, reply } = this.#link.pending.add(TIMEOUT);
    this.#send(frame, id);
    const before = this.#before;
    this.#before = reply;
    return before;
  }

  #send(frame: string, id: number): void {
    this.#link.sendMessage(
      Command.SendToOne,
      this.#connectionId,
      id,
      frame,
      Flag.Typed,
    );
  }
}
