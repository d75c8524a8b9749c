import type { SocketConstructor, SocketLike } from "../line.ts";

/** Options for {@linkcode tracedSocket}. */
export interface TracedSocketOptions {
  /**
   * Of which trace the message or request is that is being sent: a `traceparent` by W3C
   * Trace Context. Called for each, in the turn in which it is sent; what is no
   * `traceparent`, or is that of a trace that is not recorded, is left out.
   */
  readonly traceparent: () => string | undefined;
  /**
   * Makes the sockets.
   *
   * @default {globalThis.WebSocket}
   */
  readonly WebSocket?: SocketConstructor;
}

/** One that is recorded: the last digit is odd. */
const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f][13579bdf]$/;

/** Frames that may be part of a trace: messages and requests. */
function isTraced(frame: string | Uint8Array<ArrayBuffer>): boolean {
  return typeof frame === "string" ? /^[mq]/.test(frame) : frame[0] === 1;
}

/**
 * Returns what makes sockets for `connect` that say of which trace each message and
 * request is. Gateways that do not trace are not told. A frame that is sent again after
 * a cut, or that waited for a socket, is in no trace.
 *
 * @param options Where the trace is known.
 * @returns To be given to `connect` as `WebSocket`.
 * @throws {TypeError} If there is no `WebSocket` here, and none was given.
 *
 * @example
 * ```ts ignore
 * import { connect } from "@gatewayworker/core/client";
 * import { tracedSocket } from "@gatewayworker/core/client/trace";
 *
 * let current: string | undefined;
 * const WebSocket = tracedSocket({ traceparent: () => current });
 * const client = connect("wss://example.com/", { WebSocket });
 * current = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
 * const answer = client.request("add", [1, 2]);
 * current = undefined;
 * ```
 */
export function tracedSocket(
  { traceparent, WebSocket: given }: TracedSocketOptions,
): SocketConstructor {
  const Base = given ?? globalThis.WebSocket as unknown as SocketConstructor;
  if (!Base) {
    throw new TypeError(
      "Cannot trace as there is no WebSocket here: use Node 22, or give { WebSocket } of ws",
    );
  }
  return class implements SocketLike {
    readonly #socket: SocketLike;
    /** Whether the gateway traces; unknown before its welcome. */
    #traces: boolean | undefined;

    constructor(url: string, protocol: string) {
      this.#socket = new Base(url, protocol);
    }

    get binaryType(): string {
      return this.#socket.binaryType;
    }

    set binaryType(type: string) {
      this.#socket.binaryType = type;
    }

    get protocol(): string {
      return this.#socket.protocol;
    }

    set onopen(listener: unknown) {
      this.#socket.onopen = listener;
    }

    set onclose(listener: unknown) {
      this.#socket.onclose = listener;
    }

    set onerror(listener: unknown) {
      this.#socket.onerror = listener;
    }

    set onmessage(listener: (event: MessageEvent) => void) {
      this.#socket.onmessage = (event: MessageEvent) => {
        this.#traces ??= tracesOf(event.data);
        listener(event);
      };
    }

    send(frame: string | Uint8Array<ArrayBuffer>): void {
      if (this.#traces === true && isTraced(frame)) {
        const context = traceparent();
        if (context !== undefined && TRACEPARENT.test(context)) {
          this.#socket.send(`c${context}`);
        }
      }
      this.#socket.send(frame);
    }

    close(code?: number, reason?: string): void {
      this.#socket.close(code, reason);
    }
  };
}

/** What a welcome says of tracing; `undefined` for any other frame. */
function tracesOf(frame: unknown): boolean | undefined {
  if (typeof frame !== "string" || frame[0] !== "w") return undefined;
  try {
    return JSON.parse(frame.slice(1)).trace === true;
  } catch {
    // The client itself says what is wrong with it.
    return undefined;
  }
}
