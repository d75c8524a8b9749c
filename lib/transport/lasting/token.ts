import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";

/** Bytes that tell gateways which of them made a token. */
const HINT = 16;

/** Random bytes of a token, before the mark of who made it. */
const RANDOM = 16;

/** Bytes that prove to a gateway, until it ends, that it made a token itself. */
const MARK = 8;

/** Hints that are remembered at most: those of all known gateways, under three keys. */
const MAX_HINTS = 4_000;

/** Says what the hint is of, so that it passes for no other proof under the key. */
const LABEL = "gatewayworker token 1\0";

/** A token as it is written: base64url of its bytes. */
const TOKEN = /^[A-Za-z0-9_-]{54}$/;

/** What a gateway tells another one of a token: nobody can show one with that. */
export interface TokenTrace {
  /** Of what a session is found by. */
  readonly hash: string;
  /** Who made it, as that gateway alone can tell. */
  readonly mark: string;
}

/** Where a token comes from that names no session here. */
export type TokenOrigin = "here" | "earlier" | "elsewhere";

/** What makes the tokens of one gateway. */
export interface TokenMintOptions {
  /** The first 12 hex digits of its clients' ids. */
  readonly gatewayId: string;
  /** The cluster's keys, the one in use first; empty for none. */
  readonly keys: () => readonly string[];
}

/**
 * Makes tokens, which whoever shows one goes on with the session of. Nobody learns
 * from one where its gateway is: the hint can be computed by those who have the
 * cluster's key, for the gateways that they know.
 */
export class TokenMint {
  readonly #options: TokenMintOptions;
  readonly #secret = randomBytes(32);
  /** Hints that were computed, by key and gateway: anybody can make us look for one. */
  readonly #hints = new Map<string, string>();

  /** @param options Whose tokens these are. */
  constructor(options: TokenMintOptions) {
    this.#options = options;
  }

  /** Returns a token that there never was. */
  make(): string {
    const [key = ""] = this.#options.keys();
    const random = randomBytes(RANDOM);
    const named = Buffer.concat([hintOf(this.#options.gatewayId, key), random]);
    return Buffer.concat([named, this.#mark(digest(named))])
      .toString("base64url");
  }

  /** Says where a token was made. */
  originOf(token: string): TokenOrigin {
    if (!TOKEN.test(token)) return "elsewhere";
    if (this.hasMade(traceOf(token))) return "here";
    const isOurs = this.hintsOf(this.#options.gatewayId)
      .includes(hintIn(token));
    return isOurs ? "earlier" : "elsewhere";
  }

  /** Whether this very gateway, since it was started, has made a token. */
  hasMade({ hash, mark }: TokenTrace): boolean {
    return this.#mark(Buffer.from(hash, "binary")).equals(
      Buffer.from(mark, "binary"),
    );
  }

  /** What the tokens of a gateway may begin with, one for each key. */
  hintsOf(gatewayId: string): string[] {
    const keys = this.#options.keys();
    return (keys.length > 0 ? keys : [""])
      .map((key) => this.#hintOf(gatewayId, key));
  }

  #hintOf(gatewayId: string, key: string): string {
    const name = `${gatewayId}${key}`;
    let hint = this.#hints.get(name);
    if (hint === undefined) {
      if (this.#hints.size >= MAX_HINTS) this.#hints.clear();
      hint = hintOf(gatewayId, key).toString("binary");
      this.#hints.set(name, hint);
    }
    return hint;
  }

  #mark(hash: Uint8Array): Buffer {
    return createHmac("sha256", this.#secret).update(hash).digest()
      .subarray(0, MARK);
  }
}

/** Returns what a token begins with. */
export function hintIn(token: string): string {
  return Buffer.from(token, "base64url").subarray(0, HINT).toString("binary");
}

/** Returns what may be told of a token. */
export function traceOf(token: string): TokenTrace {
  const bytes = Buffer.from(token, "base64url");
  return {
    hash: hashOf(token),
    mark: bytes.subarray(HINT + RANDOM).toString("binary"),
  };
}

/**
 * Returns what a gateway keeps of a token: who reads its memory can show none. What
 * cannot be a token has none.
 */
export function hashOf(token: string): string {
  if (!TOKEN.test(token)) return "";
  const named = Buffer.from(token, "base64url").subarray(0, HINT + RANDOM);
  return digest(named).toString("binary");
}

function hintOf(gatewayId: string, key: string): Buffer {
  return createHmac("sha256", key).update(LABEL).update(gatewayId).digest()
    .subarray(0, HINT);
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Returns an id that says nothing of what it is an id of. */
export function opaqueId(): string {
  return randomBytes(12).toString("base64url");
}
