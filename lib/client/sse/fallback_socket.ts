/** Attempts of a page after which it is taken that no WebSocket gets through. */
const MAX_ATTEMPTS = 2;

/** Attempts since one was open; `-Infinity` once one was, `Infinity` once none is tried. */
let attempts = 0;

/** As much of a socket as is needed, of whichever kind. */
export interface FallbackLike {
  /** As that of a WebSocket. */
  binaryType: string;
  /** The sub-protocol that was agreed on. */
  readonly protocol: string;
  /** Called when it is open. */
  onopen: unknown;
  /** Called with `{ data }`. */
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

/** Makes sockets, as `new WebSocket(url, protocol)` does. */
export type FallbackConstructor = new (
  url: string,
  protocol: string,
) => FallbackLike;

/**
 * Makes sockets for the option `WebSocket` of `connect`: those of the global of that
 * name, and where two of them failed before any was open, streams of server-sent events
 * and POSTs, for as long as the page lives. Where a stream does not get through either,
 * a WebSocket has its turn again.
 */
export const FallbackSocket: FallbackConstructor = function (
  url: string,
  protocol: string,
): FallbackLike {
  const { WebSocket: Native } = globalThis;
  if (!Native || attempts >= MAX_ATTEMPTS) return new LateSocket(url);
  const socket = new Native(url, protocol);
  attempts++;
  socket.addEventListener("open", () => attempts = -Infinity);
  return socket;
} as never;

/** A stream whose code is loaded first. */
class LateSocket implements FallbackLike {
  declare binaryType: string;
  protocol = "";
  declare onopen: unknown;
  declare onmessage: unknown;
  declare onclose: unknown;
  declare onerror: unknown;
  readonly #socket: Promise<Pick<FallbackLike, "send" | "close"> | undefined>;

  constructor(url: string) {
    if (attempts < Infinity) attempts = 0;
    this.#socket = import("./event_socket.ts").then(
      ({ EventSocket }) => new EventSocket(url, "", this),
      () => {
        (this.onerror as () => void)();
        return undefined;
      },
    );
  }

  opened(): void {
    attempts = Infinity;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    void this.#socket.then((socket) => socket?.send(data));
  }

  close(): void {
    void this.#socket.then((socket) => socket?.close());
  }
}
