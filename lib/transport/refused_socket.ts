import { ClientSocket } from "./client_socket.ts";
import { encodeAnswer } from "./websocket_handshake.ts";

/** Milliseconds that a refused client may take to read its answer. */
const REFUSAL_TIMEOUT = 1_000;

/** A WebSocket client beyond the limit: it is told so, and leaves. */
export class RefusedSocket extends ClientSocket {
  /** Answers with 503, and ends. */
  refuse(): void {
    const body = "503 too many clients are connected: try again later\n";
    this.outbox.appendLast(encodeAnswer(503, body, [["Retry-After", "5"]]));
    this.halfCloseWhenDrained();
    this.expire(REFUSAL_TIMEOUT);
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
