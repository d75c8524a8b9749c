/**
 * Hot: every message of a client whose session may outlive its socket passes here.
 *
 * @module
 */
import type {
  CloseReason,
  Connection,
  ConnectionListener,
  GapTeller,
  Refusal,
  UpgradeRequest,
} from "../connection.ts";
import { FAILED, UNDECIDED } from "../admission/refusal_answers.ts";
import type { LastingSocket } from "../socket/lasting_socket.ts";
import { controlFrame } from "./lasting_codec.ts";
import { type Hello, Letter, readHello, readJson } from "./letters.ts";
import { broken, EXPIRED, LATER, REFUSED } from "./reasons.ts";
import { laterFrame } from "./replay.ts";

/** Milliseconds after which to come back, where nobody says how long. */
const DEFAULT_AFTER = 5_000;

/** Most seconds after which it may be told to come back. */
const MAX_AFTER = 86_400;

/** Most bytes of a hello, or of a credential. */
const MAX_HELLO = 65_536;

/** Who decides what becomes of a socket that has said hello. */
export interface Door {
  /** Milliseconds within which a client must say hello. */
  readonly helloTimeout: number;
  /** Milliseconds within which it must be decided whether it may come in. */
  readonly authorizeTimeout: number;
  /**
   * Finds or makes the session of a client that was let in.
   *
   * @returns Why not, if there is no room for one more; later, if others must be asked.
   */
  enter(
    attachment: Attachment,
    hello: Hello,
  ): Refusal | undefined | Promise<Refusal | undefined>;
}

/** A session, as its socket sees it. */
export interface AttachedSession extends GapTeller {
  /** Who is told of it. */
  readonly listener: ConnectionListener;
  /** Takes a message. */
  take(buffer: Uint8Array, start: number, end: number, binary: boolean): void;
  /** Its socket is gone. */
  onSocketEnd(attachment: Attachment, code: number, reason: string): void;
}

const decoder = new TextDecoder();

/** One socket of a session, from the upgrade on. */
export class Attachment implements ConnectionListener {
  readonly #door: Door;
  #newcomer: ConnectionListener | undefined;
  #request: UpgradeRequest | undefined;
  #socket: LastingSocket | undefined;
  #session: AttachedSession | undefined;
  #phase: "greeting" | "deciding" | "in" | "over" = "greeting";

  /**
   * @param door Who decides.
   * @param newcomer Who is told of the session, if this is a new one.
   */
  constructor(door: Door, newcomer: ConnectionListener) {
    this.#door = door;
    this.#newcomer = newcomer;
  }

  /** Where the client is. */
  get socket(): LastingSocket {
    return this.#socket as LastingSocket;
  }

  /** Its request; gone once it is in. */
  get request(): UpgradeRequest | undefined {
    return this.#request;
  }

  /** Who was asked whether it may come in; gone once it is. */
  get newcomer(): ConnectionListener {
    return this.#newcomer as ConnectionListener;
  }

  /** Whether it still waits to come in. */
  get isWaiting(): boolean {
    return this.#phase === "deciding" && this.socket.isOpen;
  }

  get gaps(): GapTeller | undefined {
    return this.#session;
  }

  /** Belongs to a session from now on. */
  join(session: AttachedSession): void {
    this.#session = session;
    this.#phase = "in";
    this.#request = this.#newcomer = undefined;
  }

  /** Is told to go, and not read any more. */
  leave(reason: CloseReason): void {
    this.#session = undefined;
    this.#phase = "over";
    this.socket.close(reason);
  }

  onOpen(connection: Connection, request: UpgradeRequest | undefined): void {
    this.#socket = connection as LastingSocket;
    this.#request = request;
    this.socket.giveTime(this.#door.helloTimeout);
  }

  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    const session = this.#session;
    if (session !== undefined) {
      return session.take(buffer, start, end, binary);
    }
    if (this.#phase === "over") return;
    const isHello = !binary && buffer[start] === Letter.Hello &&
      this.#phase === "greeting" && end - start <= MAX_HELLO;
    const hello = isHello
      ? readHello(decoder.decode(buffer.subarray(start + 1, end)))
      : undefined;
    if (hello === undefined) return this.#fault("the first frame is a hello");
    this.#decide(hello);
  }

  onLate(): void {
    if (this.#phase === "deciding") this.#refuse(UNDECIDED);
    else if (this.#phase === "greeting") {
      // Whoever is slow has broken no rule, and is to come back.
      this.#phase = "over";
      this.socket.close(LATER);
    }
  }

  onClose(code: number, reason: string): void {
    this.#phase = "over";
    this.#session?.onSocketEnd(this, code, reason);
  }

  /** The client shows another credential: `buffer[start, end)`. */
  takeCredential(buffer: Uint8Array, start: number, end: number): void {
    const credential = end - start > MAX_HELLO
      ? undefined
      : readJson(decoder.decode(buffer.subarray(start, end)));
    if (credential === undefined) {
      return this.#fault("a credential is JSON of at most 65536 bytes");
    }
    this.#session?.listener.onCredential?.(credential);
  }

  #decide(hello: Hello): void {
    const { socket } = this;
    this.#phase = "deciding";
    const decision = this.#newcomer?.onRequest?.(
      this.#request as UpgradeRequest,
      socket.remoteAddress,
      hello.credential,
      hello.token,
    );
    if (decision === undefined) return this.#enter(hello);
    socket.pause();
    socket.giveTime(this.#door.authorizeTimeout);
    decision.then(
      (refusal) =>
        refusal === undefined ? this.#enter(hello) : this.#refuse(refusal),
      () => this.#refuse(FAILED),
    );
  }

  #enter(hello: Hello): void {
    if (!this.isWaiting) return;
    this.socket.giveTime(undefined);
    const refusal = this.#door.enter(this, hello);
    if (!(refusal instanceof Promise)) return this.#refuse(refusal);
    this.socket.pause();
    refusal.then(
      (refusal) => this.#refuse(refusal),
      () => this.#refuse(FAILED),
    );
  }

  /** Says why not, in a way that the page of a browser can see. */
  #refuse(refusal: Refusal | undefined): void {
    const { socket } = this;
    if (refusal === undefined || !this.isWaiting) return;
    this.#phase = "over";
    const { status, body = "", isExpired = false } = refusal;
    if (!isExpired && (status >= 500 || status === 429)) {
      const { after = retryAfter(refusal) * (1 + Math.random()) } = refusal;
      socket.sendBeyond(laterFrame(after));
      return socket.close(LATER);
    }
    const why = JSON.stringify({ status, message: body.trim() });
    const end = isExpired ? EXPIRED : REFUSED;
    socket.sendBeyond(controlFrame(`e0 ${end.reason}\n${why}`));
    socket.close(end);
  }

  #fault(reason: string): void {
    this.#phase = "over";
    this.socket.onFault(broken(reason));
  }
}

/** Milliseconds after which a refusal says to come back. */
function retryAfter({ headers = [] }: Refusal): number {
  const given = headers.find(([name]) => name.toLowerCase() === "retry-after");
  const seconds = Number(given?.[1]);
  // One that is no number, or none that JSON has, would bring it back at once.
  return seconds > 0 && seconds <= MAX_AFTER ? seconds * 1_000 : DEFAULT_AFTER;
}
