import { messageOf } from "../../base/errors.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { fromJs, sessionToJs } from "../../php/convert.ts";
import { mergeArrays } from "../../php/merge.ts";
import type { PhpArray } from "../../php/php_value.ts";
import { serialize } from "../../php/serialize.ts";
import { unserialize } from "../../php/unserialize.ts";
import { isPhpEmpty } from "./php_text.ts";
import {
  checkSessionLength,
  decodeSession,
  encodeSession,
  isUnreadable,
  unreadableSession,
} from "../../wire/bodies/session.ts";
import type { Client } from "../clients/client.ts";

const logger = roomLogger("gateway");

/** A session as PHP has it, and what it was when that was so. */
interface Both {
  readonly php: Uint8Array;
  readonly ours: Client["session"];
}

/**
 * The sessions of clients as PHP has them. What a node of the original stored is kept
 * byte by byte, and given back so until a handler of ours changes the session: PHP
 * workers compare checksums of it. What ours stored is translated.
 */
export class PhpSessions {
  readonly #limit: number;
  readonly #known = new WeakMap<Client, Both>();
  readonly #limited = new RateLimitedLog();

  /** @param limit Most bytes of one session. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns a client's session; no bytes if it has none. */
  of(client: Client): Uint8Array {
    const known = this.#known.get(client);
    if (known?.ours === client.session && known !== undefined) return known.php;
    const php = this.#toPhp(client);
    this.#known.set(client, { php, ours: client.session });
    return php;
  }

  /**
   * Replaces a session.
   *
   * @param php As PHP stores it; no bytes empty it. Copied.
   * @throws {RangeError} If it is too long.
   */
  replace(client: Client, php: Uint8Array): void {
    checkSessionLength(php.length, this.#limit);
    const copy = php.slice();
    client.changeState({ session: toOurs(copy) });
    this.#known.set(client, { php: copy, ours: client.session });
  }

  /**
   * Merges new values in, arrays within arrays included.
   *
   * @param php An array, serialized.
   * @throws {TypeError} If either session is no array, or holds references, which would
   * mean something else then.
   * @throws {ProtocolError} If either is no serialized value.
   * @throws {RangeError} If the outcome is too long.
   */
  merge(client: Client, php: Uint8Array): void {
    const stored = this.of(client);
    if (stored.length === 0) return this.replace(client, php);
    const merged = mergeArrays(unserialize(stored), unserialize(php));
    this.replace(client, serialize(merged));
  }

  /** Writes a session of ours for PHP, without what PHP has not. */
  #toPhp(client: Client): Uint8Array {
    if (client.session === undefined) return NO_BYTES;
    // PHP's own bytes are known of it; nobody can have written it since.
    if (isUnreadable(client.session)) return NO_BYTES;
    const array: PhpArray = new Map();
    for (const [key, value] of Object.entries(decodeSession(client.session))) {
      try {
        array.set(key.toWellFormed(), fromJs(value, `session.${key}`));
      } catch (error) {
        this.#warn(client, error);
      }
    }
    return array.size === 0 ? NO_BYTES : serialize(array);
  }

  #warn(client: Client, error: unknown): void {
    const cause = `to php ${client.remoteAddress}`;
    this.#limited.once(cause, (suppressed) =>
      logger.warn(
        "A value of a session was left out for PHP nodes: {reason} ({suppressed} like this before)",
        { reason: messageOf(error), suppressed },
      ));
  }
}

/** Translates a session for our own workers; one that cannot be read says why. */
function toOurs(php: Uint8Array): Client["session"] {
  if (isPhpEmpty(php)) return undefined;
  try {
    return encodeSession(sessionToJs(php));
  } catch (error) {
    return unreadableSession(messageOf(error));
  }
}
