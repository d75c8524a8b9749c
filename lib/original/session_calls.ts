import { NO_BYTES } from "../base/no_bytes.ts";
import { fromJs, sessionFromJs } from "../php/convert.ts";
import { PhpCommand } from "../php/packet.ts";
import { PhpOpaque, type PhpValue } from "../php/php_value.ts";
import { serialize } from "../php/serialize.ts";
import {
  decodeChange,
  decodeSession,
  mergeSession,
} from "../wire/bodies/session.ts";
import type { Call } from "./call.ts";
import type { CommandLine } from "./command_line.ts";
import type { KnownClient } from "./known_client.ts";
import { hasList, readWholeSession } from "./php_session.ts";

/** Reads and changes sessions. */
export class SessionCalls {
  readonly #line: CommandLine;
  readonly #clients: ReadonlyMap<number, KnownClient>;

  /**
   * @param line Where the gateway is told and asked.
   * @param clients The clients that are known.
   */
  constructor(
    line: CommandLine,
    clients: ReadonlyMap<number, KnownClient>,
  ) {
    this.#line = line;
    this.#clients = clients;
  }

  /** Returns a session as CBOR: `null` for no client, no bytes for an empty session. */
  async get({ connectionId }: Call): Promise<Uint8Array | null> {
    const stored = await this.#stored(connectionId);
    return stored === null ? null : readWholeSession(stored) ?? NO_BYTES;
  }

  /** Replaces a session. */
  set({ connectionId, head }: Call): Promise<boolean> {
    const session = decodeSession(head.length === 0 ? undefined : head);
    return this.#store(connectionId, sessionFromJs(session));
  }

  /**
   * Merges values in. Lists are replaced here, where the original would merge them item
   * by item: with lists it is read, merged and stored, and what others store meanwhile is
   * lost. A session that only PHP can read is not merged: that might end the gateway.
   */
  async update({ connectionId, head }: Call): Promise<boolean> {
    const update = decodeSession(head);
    const stored = await this.#stored(connectionId);
    if (stored === null) return false;
    const session = readWholeSession(stored);
    const change = fromJs(update, "session");
    if (!hasList(change)) {
      const command = PhpCommand.UpdateSession;
      const extra = serialize(change);
      this.#line.send({ command, connectionId, extra });
      return this.#line.isOnline(connectionId);
    }
    const merged = decodeSession(mergeSession(session, update));
    return this.#store(connectionId, sessionFromJs(merged));
  }

  /** Stores what a handler changed: the whole session, as the original's workers do. */
  save({ connectionId, head }: Call): boolean {
    const client = this.#clients.get(connectionId);
    if (client === undefined) return false;
    const { set, remove } = decodeChange(head);
    const extra = client.save(set, remove);
    this.#line.send({ command: PhpCommand.SetSession, connectionId, extra });
    return true;
  }

  async #stored(connectionId: number): Promise<Uint8Array | null> {
    const command = PhpCommand.GetSessionByClientId;
    const value = await this.#line.ask({ command, connectionId });
    return value === null ? null : serializedOf(value);
  }

  #store(connectionId: number, extra: Uint8Array): Promise<boolean> {
    this.#line.send({ command: PhpCommand.SetSession, connectionId, extra });
    return this.#line.isOnline(connectionId);
  }
}

function serializedOf(value: PhpValue): Uint8Array {
  if (value instanceof PhpOpaque) return value.bytes;
  return serialize(value);
}
