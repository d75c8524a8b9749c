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

  onDeadline(): void {
    this.destroy();
  }

  protected get wanted(): number {
    return 0;
  }

  protected takeBytes(_buffer: Uint8Array, start: number, end: number): number {
    return end - start;
  }

  protected onClientEnd(): void {
    this.destroy();
  }

  protected onSocketEnd(): void {
    // Nobody was told of it.
  }
}
