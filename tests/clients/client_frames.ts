import { concat } from "../../lib/base/concat.ts";

/** One frame that a client sent, without what it carried. */
export interface ClientFrame {
  /** What kind it is, as on the wire. */
  readonly opcode: number;
  /** Whether it has a mask, as it must. */
  readonly masked: boolean;
}

const CLOSE = 8;
const LENGTH_BYTES: Readonly<Record<number, number>> = { 126: 2, 127: 8 };

/** Reads the heads of a client's frames. */
export class ClientFrames {
  #held: Uint8Array = new Uint8Array();
  #skip = 0;
  /** The close frame, if there was one. */
  close: ClientFrame | undefined;

  /** Takes in what the client sent next. */
  push(bytes: Uint8Array): void {
    this.#held = concat(this.#held, bytes);
    while (this.#step());
  }

  /** Passes over one payload and one head; whether that was all there. */
  #step(): boolean {
    const skipped = Math.min(this.#skip, this.#held.length);
    this.#held = this.#held.subarray(skipped);
    this.#skip -= skipped;
    const [first, second] = this.#held;
    if (this.#skip > 0 || first === undefined || second === undefined) {
      return false;
    }
    const masked = second >= 128;
    const length = second & 127;
    const extended = LENGTH_BYTES[length] ?? 0;
    const head = 2 + extended + (masked ? 4 : 0);
    if (this.#held.length < head) return false;
    const opcode = first & 15;
    if (opcode === CLOSE) this.close ??= { opcode, masked };
    this.#skip = extended === 0
      ? length
      : this.#held.subarray(2, 2 + extended).reduce(
        (sum, byte) => sum * 256 + byte,
        0,
      );
    this.#held = this.#held.subarray(head);
    return true;
  }
}
