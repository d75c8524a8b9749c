import type { ClientCertificate } from "../base/client_certificate.ts";

/** Why a client connection ended; sent to the client where its protocol can. */
export interface CloseReason {
  /** WebSocket close code; 4000–4099 are this framework's. */
  readonly code: number;
  /** At most 123 bytes of UTF-8. */
  readonly reason: string;
}

/** The gateway is going away. Reconnect: another gateway will answer. */
export const CLOSE_GOING_AWAY: CloseReason = {
  code: 1001,
  reason: "going away",
};

/** What becomes of a message for which a slow client's queue has no room. */
export type QueuePolicy = "close" | "drop-oldest" | "drop-newest" | "latest";

/** What became of a message handed to a connection. */
export type SendResult = "queued" | "pressure" | "dropped";

/** The upgrade request of a client, as it came. */
export interface UpgradeRequest {
  /** Path and query, such as `/room?id=7`. */
  readonly target: string;
  /** Names in lower case, in the order they came; repeated names stay apart. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The certificate that the client has shown, where it was asked for one. */
  readonly certificate?: ClientCertificate | undefined;
}

/** Why a client is not let in: an HTTP answer. */
export interface Refusal {
  /** Its status, 400 to 599. */
  readonly status: number;
  /** Its body, as text; empty if left out. */
  readonly body?: string;
  /** Further headers, such as `WWW-Authenticate`. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Milliseconds after which it may come again, for clients that can be told exactly. */
  readonly after?: number;
  /** Whether it would be let in with a credential that has not ended. */
  readonly isExpired?: boolean;
}

/** Measures how fast a client sends. */
export interface Meter {
  /** What happens to it if it is too fast. */
  readonly policy: "pause" | "close";
  /** Whether it is. */
  readonly isOver: boolean;
  /** What came was sent in a longer time than it took to come. */
  forgive(): void;
  /** Counts messages and bytes that came. */
  count(messages: number, bytes: number, time: number): void;
  /** Counts bytes that have just come. */
  countBytes(bytes: number): void;
  /** Counts a message, or a part of one, in the bytes that came last. */
  countMessage(): void;
}

/**
 * A stream of messages to one client, whatever it speaks.
 *
 * Nothing here waits or throws. Bytes appended by `send` leave with the next
 * `flush`, which `send` asks for by itself (`flushInTurn`), so that all that is sent
 * in one batch leaves in one write.
 */
export interface Connection {
  /** What this client speaks; connections with the same codec share encoded frames. */
  readonly codec: OutputCodec;
  /** The client's own address, `ip:port`, IPv6 in brackets. */
  readonly remoteAddress: string;
  /** Bytes accepted and not yet given to the operating system. */
  readonly queuedBytes: number;
  /** Grows whenever bytes come: who sees it unchanged knows that the client was silent. */
  readonly activity: number;
  /** Messages dropped by their policy so far, those replaced by newer ones included. */
  readonly dropped: number;
  /** Whether reading stands still. */
  readonly isPaused: boolean;
  /** Whether it can be sent to: not any more once it is being closed. */
  readonly isOpen: boolean;
  /** Sends `source[start, end)` as one message. The bytes are copied, not kept. */
  send(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): SendResult;
  /**
   * Sends what {@linkcode OutputCodec.encode} of this connection's codec returned.
   * The bytes are kept, so they must never change: one array may go to every client.
   */
  sendEncoded(frame: Uint8Array): SendResult;
  /** Sends bytes past the protocol's encoder. The bytes are copied. */
  sendRaw(bytes: Uint8Array): SendResult;
  /**
   * Like {@linkcode Connection.sendEncoded}, with a say in what happens if the client
   * is too slow. What waits may still be dropped later, which `dropped` counts.
   *
   * @param frame Kept.
   * @param policy `close` makes this `sendEncoded`.
   * @param key What `latest` goes by.
   */
  offer(frame: Uint8Array, policy: QueuePolicy, key?: string): SendResult;
  /**
   * Asks whether the client is there. That closes nobody: where there is no room for
   * the question, and nothing that may be dropped for it, it is left out.
   *
   * @param frame What to ask with, encoded and kept; the protocol's own ping if left
   *   out.
   * @returns Whether there was anything to ask with.
   */
  ping(frame?: Uint8Array): boolean;
  /** Sends what is queued, says goodbye as the protocol can, then ends. */
  close(reason: CloseReason): void;
  /** Ends now; what is queued is lost. */
  destroy(): void;
  /** Stops reading after the chunk that is being parsed: TCP pushes back on the client. */
  pause(): void;
  /** Reads again. */
  resume(): void;
  /**
   * Changes for how long the client may be away before its session ends, from when it
   * left; where there are no such sessions, it is not there.
   *
   * @param window Milliseconds; what is more than the listener allows counts as that.
   */
  setWindow?(window: number): void;
  /**
   * Has another meter in place of its own.
   *
   * @param make Makes it of the one that there is, if there is any.
   */
  measure?(make: (own: Meter | undefined) => Meter): void;
  /** Ends its socket, and not its session; where there are none, it is not there. */
  leave?(reason: CloseReason): void;
  /**
   * Has the client connect anew after so many milliseconds, before it lets go of this
   * connection; where it does not know how, it is not there.
   */
  moveOn?(after: number): void;
  /** Tells the client that its credential ends in so many milliseconds, if it can. */
  tellExpiry?(left: number): void;
}

/** Turns a message into the bytes that any connection with this codec may send. */
export interface OutputCodec {
  /** Returns one whole frame, newly allocated and never changed afterwards. */
  encode(payload: Uint8Array, binary: boolean): Uint8Array;
  /**
   * The same of a typed frame, whose first byte is its letter (`q r e s k`). Not there
   * if these clients know no such frames: they cannot be told.
   */
  encodeTyped?(payload: Uint8Array): Uint8Array;
  /** Takes apart what `encode` returned. Undefined where nobody needs to. */
  decode?(frame: Uint8Array): DecodedFrame;
}

/** A message that was a frame. */
export interface DecodedFrame {
  /** Its bytes. */
  readonly payload: Uint8Array;
  /** Whether it is binary. */
  readonly binary: boolean;
}

/** Is told what a queue did with frames that are counted. */
export interface GapTeller {
  /** Returns the frame that stands for so many that were dropped. */
  gap(count: number): Uint8Array;
  /** The newest frame stands where an older one stood, and a gap in its own place. */
  onReplaced(older: Uint8Array, newest: Uint8Array): void;
}

/** Has sessions outlive their sockets. */
export interface Keeper {
  /**
   * Takes over a socket that speaks the sub-protocol of such sessions.
   *
   * @param listener Who is told of the session, if this is a new one.
   * @returns Who is told of the socket.
   */
  greet(listener: ConnectionListener): ConnectionListener;
}

/**
 * Who is told what happens on a connection. Called synchronously from the read
 * loop; must not throw.
 */
export interface ConnectionListener {
  /** Requests in HTTP after which a client is sent away; 100 by default. */
  readonly maxRequests?: number;
  /**
   * A WebSocket client asks to come in; nothing was raised for it yet. Called at
   * most once, before `onOpen`.
   *
   * @param remoteAddress The client's own address, as far as proxies told.
   * @param credential What it has said of itself after the upgrade, where it could.
   * @param token What it shows to go on with a session, where it could.
   * @returns Nothing to let it in at once; or what becomes why not, or nothing. If
   *   it rejects, the client is answered with 500; if it takes too long, with 503.
   */
  onRequest?(
    request: UpgradeRequest,
    remoteAddress: string,
    credential?: unknown,
    token?: string,
  ): Promise<Refusal | undefined> | undefined;
  /** The connection can be sent to. Called once, before any message. */
  onOpen(connection: Connection, request: UpgradeRequest | undefined): void;
  /**
   * A whole message came: `buffer[start, end)`, valid during the call only.
   * WebSocket text has been checked to be UTF-8.
   */
  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void;
  /**
   * The client has said goodbye, and can still be sent to. It is not read any more.
   * Called once at most, after its last message.
   *
   * @param answered To be called when nothing that it sent is left to be answered.
   * @returns Whether to wait for that, for some time, before the connection ends.
   */
  onLeaving?(answered: () => void): boolean;
  /**
   * A typed frame came: `buffer[start, end)`, valid during the call only. It begins with
   * its letter, one of `q r e s k`; its id, and the name of a `q`, are well-formed.
   */
  onTyped?(buffer: Uint8Array, start: number, end: number): void;
  /**
   * The client says of which trace its next frame is, a `traceparent` by W3C Trace
   * Context. Where nobody traces, this is not there, and clients are not told of it.
   */
  readonly onTrace?: ((traceparent: string) => void) | undefined;
  /**
   * The client's socket is gone, its session is not: it can be sent to as before.
   *
   * @param window Milliseconds that it has to come back.
   */
  onAway?(code: number, reason: string, window: number): void;
  /**
   * The client is back. Called after each `onAway`, unless `onClose` is.
   *
   * @param missed Frames that were sent and that it will not get.
   * @param away Milliseconds since it left.
   */
  onBack?(missed: number, away: number): void;
  /** The time is over that `LastingSocket.giveTime` gave. */
  onLate?(): void;
  /** Has to do with dropped frames, where they are counted. */
  readonly gaps?: GapTeller | undefined;
  /**
   * Somebody was let in who shows the token of this session: may it go on with it?
   *
   * @param newcomer Was asked `onRequest`, and is to be forgotten if so.
   */
  onReturn?(newcomer: ConnectionListener): boolean;
  /** The client shows another credential. */
  onCredential?(credential: unknown): void;
  /**
   * Asks when all that came so far is handled.
   *
   * @param tell Called once, now or later: whether it is. If not, it is to be asked anew.
   */
  onCheckpoint?(tell: (isHandled: boolean) => void): void;
  /** The connection is over. Called once if `onOpen` was called, otherwise never. */
  onClose(code: number, reason: string): void;
}
