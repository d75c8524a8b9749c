import { Buffer } from "node:buffer";
import { createHash, createHmac, randomBytes } from "node:crypto";

/** Bytes that tell gateways which of them made a token. */
const HINT = 16;

/** Random bytes of a token, before the mark of who made it. */
const RANDOM = 16;

/** Bytes that prove to a gateway, until it ends, that it made a token itself. */
const MARK = 8;

/** Says what the hint is of, so that it passes for no other proof under the key. */
const LABEL = "gatewayworker token 1\0";

/** A token as it is written: base64url of its bytes. */
const TOKEN = /^[A-Za-z0-9_-]{54}$/;

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

  /** @param options Whose tokens these are. */
  constructor(options: TokenMintOptions) {
    this.#options = options;
  }

  /** Returns a token that there never was. */
  make(): string {
    const [key = ""] = this.#options.keys();
    const random = randomBytes(RANDOM);
    return Buffer.concat([this.#hint(key), random, this.#mark(random)])
      .toString("base64url");
  }

  /** Says where a token was made. */
  originOf(token: string): TokenOrigin {
    if (!TOKEN.test(token)) return "elsewhere";
    const bytes = Buffer.from(token, "base64url");
    const random = bytes.subarray(HINT, HINT + RANDOM);
    if (this.#mark(random).equals(bytes.subarray(HINT + RANDOM))) return "here";
    const keys = this.#options.keys();
    const hint = bytes.subarray(0, HINT);
    const isOurs = (keys.length > 0 ? keys : [""])
      .some((key) => this.#hint(key).equals(hint));
    return isOurs ? "earlier" : "elsewhere";
  }

  #hint(key: string): Buffer {
    return createHmac("sha256", key).update(LABEL)
      .update(this.#options.gatewayId).digest().subarray(0, HINT);
  }

  #mark(random: Uint8Array): Buffer {
    return createHmac("sha256", this.#secret).update(random).digest()
      .subarray(0, MARK);
  }
}

/** Returns what a gateway keeps of a token: who reads its memory can show none. */
export function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("binary");
}

/** Returns an id that says nothing of what it is an id of. */
export function opaqueId(): string {
  return randomBytes(12).toString("base64url");
}
