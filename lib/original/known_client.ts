import { sameBytes } from "../wire/bodies/session.ts";
import { NO_BYTES } from "../base/no_bytes.ts";
import type { PhpPacket } from "../php/packet.ts";
import type { ClientState } from "../wire/bodies/client_state.ts";
import { changeSession, readSession } from "./php_session.ts";

/** Sessions of one client on their way to its gateway that are remembered. */
const MAX_SENT = 64;

/** What is known of one client of a gateway of the original, whose events come here. */
export class KnownClient {
  /** What its gateway said last, as PHP stores it. */
  #session: Uint8Array = NO_BYTES;
  /** What was stored there since and its gateway has not shown yet, oldest first. */
  #sent: Uint8Array[] = [];
  #version = 0;
  #isTold = false;
  /** Events that were told of it. */
  events = 0;
  /** The uid that it is bound to, as far as is known here. */
  uid: string | undefined;
  /** Where it came from, `ip:port`. */
  remoteAddress = "";
  /** Whether its close event came: nothing follows it, whatever the original tells then. */
  isClosed = false;
  /** Its connect event, until it is known how it came. */
  heldConnect: PhpPacket | undefined;
  /** Events that wait until its uid is known. */
  waiting: PhpPacket[] | undefined;

  /** What is stored at its gateway, as soon as all is there that is on its way. */
  get session(): Uint8Array {
    return this.#sent.at(-1) ?? this.#session;
  }

  /**
   * An event shows the session as its gateway had it: unless it is one that is known,
   * somebody else has changed it. Says what only PHP can read, if there is anything new.
   *
   * @param shown Not kept.
   */
  see(shown: Uint8Array): string | undefined {
    if (sameBytes(shown, this.#session)) return undefined;
    const index = this.#sent.findLastIndex((sent) => sameBytes(sent, shown));
    this.#session = new Uint8Array(shown);
    this.#sent = index < 0 ? [] : this.#sent.slice(index + 1);
    if (index >= 0) return undefined;
    this.#version++;
    this.#isTold = false;
    return readSession(this.#session).leftOut;
  }

  /**
   * A handler has changed the session: returns what its gateway is to store.
   *
   * @throws {TypeError} If that cannot be done.
   */
  save(
    set: Readonly<Record<string, unknown>>,
    remove: readonly string[],
  ): Uint8Array {
    const session = changeSession(this.session, { ...set }, remove);
    this.#sent = [...this.#sent.slice(-MAX_SENT), session];
    this.#version++;
    return session;
  }

  /** There is a new link: what its worker was told on the one before is forgotten. */
  retell(): void {
    this.#isTold = false;
  }

  /** What its worker is to be told with the next event; `undefined` if it knows. */
  takeState(): ClientState | undefined {
    if (this.#isTold) return undefined;
    this.#isTold = true;
    return {
      version: this.#version,
      session: readSession(this.session).session,
      uid: this.uid,
      remoteAddress: this.remoteAddress,
      listener: 0,
    };
  }
}
