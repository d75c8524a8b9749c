import type { Frame } from "./session.ts";

/** As much of a `WebSocket` as the library uses. */
export interface SocketLike {
  /** Must be set to `"arraybuffer"`. */
  binaryType: string;
  /** The sub-protocol that was agreed on. */
  readonly protocol: string;
  /** Called when it is open. */
  onopen: unknown;
  /** Called with `{ data }`, a string or an `ArrayBuffer`. */
  onmessage: unknown;
  /** Called with `{ code, reason }`. */
  onclose: unknown;
  /** Called when it failed. */
  onerror: unknown;
  /** Sends a message. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Closes. */
  close(code?: number, reason?: string): void;
}

/** Makes a {@linkcode SocketLike}, as `new WebSocket(url, protocol)` does. */
export type SocketConstructor = new (
  url: string,
  protocol: string,
) => SocketLike;

/** Who has a line. */
export interface LineOwner {
  onOpen(line: Line): void;
  onData(line: Line, data: string | Uint8Array<ArrayBuffer>): void;
  onEnd(line: Line, code: number, reason: string): void;
}

/** One socket. Once it has ended or was closed, its owner hears no more of it. */
export class Line {
  readonly #socket: SocketLike;

  constructor(socket: SocketLike, owner: LineOwner) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => owner.onOpen(this);
    socket.onmessage = ({ data }: MessageEvent) =>
      owner.onData(
        this,
        typeof data === "string" ? data : new Uint8Array(data),
      );
    const end = ({ code, reason }: CloseEvent) => {
      this.#mute();
      owner.onEnd(this, code ?? 1006, reason ?? "");
    };
    socket.onclose = end;
    // WebKitGTK may say nothing else: nobody waits for a close event.
    socket.onerror = () => end({} as CloseEvent);
  }

  /** The sub-protocol that was agreed on. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** Sends a frame, if it is still open. */
  send(frame: Frame): void {
    try {
      this.#socket.send(frame);
    } catch {
      // It is closing, and says so. The session has the frame.
    }
  }

  /** Hears nothing more. */
  #mute(): void {
    const socket = this.#socket;
    // A function, as a failing socket without any ends a process in Node.
    socket.onopen =
      socket.onmessage =
      socket.onclose =
      socket.onerror =
        () => {};
  }

  /** Ends it, and does not wait for the answer, which can take a minute. */
  close(code = 4000): void {
    this.#mute();
    this.#socket.close(code);
  }
}
