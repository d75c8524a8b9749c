import { ClientSocket } from "../socket/client_socket.ts";
import { REFUSAL_TIMEOUT } from "../admission/refusal_answers.ts";
import type { Refusal } from "../connection.ts";
import { encodeAnswer } from "../http/http_answer.ts";

/** A WebSocket client beyond the limit: it is told so, and leaves. */
export class RefusedSocket extends ClientSocket {
  /** Answers, and ends. */
  refuse(refusal: Refusal): void {
    this.outbox.appendLast(encodeAnswer(refusal));
    this.halfCloseWhenDrained(REFUSAL_TIMEOUT);
  }

  /** The answer was not read in time. */
  onDeadline(): void {
    this.destroy();
  }

  /** Nothing is read. */
  protected get wanted(): number {
    return 0;
  }

  /** Takes everything, and looks at none of it. */
  protected takeBytes(_buffer: Uint8Array, start: number, end: number): number {
    return end - start;
  }

  /** The client has left. */
  protected onClientEnd(): void {
    this.destroy();
  }

  /** Nobody was told of this client, so nobody is told that it left. */
  protected onSocketEnd(): void {
    // There is nothing to give back either.
  }
}
