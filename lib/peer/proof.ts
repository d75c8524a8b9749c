/**
 * Proofs that a node knows a secret key. A proof covers fresh random bytes of both
 * sides, so none can be used twice.
 *
 * @module
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** Length of a proof, and of the random bytes that it covers, in bytes. */
export const PROOF_LENGTH = 32;

/** Most secret keys at a time: the one in use, the next, and some that linger. */
export const MAX_SECRET_KEYS = 4;

/** Returns random bytes that were never used before. */
export function newNonce(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(PROOF_LENGTH));
}

/** What a proof is of. */
export interface Claim {
  /** Says who proves what, so that no proof passes for another kind. */
  readonly label: string;
  /** All that was said, each part such that one cannot be cut in two ways. */
  readonly said: readonly Uint8Array[];
}

/**
 * Returns a proof for each key that a node has; one for the empty key if it has none.
 *
 * @param keys The node's secret keys.
 * @param claim What is proved.
 */
export function proveAll(
  keys: readonly string[],
  claim: Claim,
): Uint8Array<ArrayBuffer> {
  const known = keys.length > 0 ? keys : [""];
  const proofs = new Uint8Array(known.length * PROOF_LENGTH);
  for (const [index, key] of known.entries()) {
    proofs.set(prove(key, claim), index * PROOF_LENGTH);
  }
  return proofs;
}

/**
 * Finds the key that both sides know. Takes the same time whichever it is.
 *
 * @param keys The keys of this side.
 * @param claim What is to be proved.
 * @param proofs What the other side gave.
 * @returns The key; `undefined` if there is none.
 */
export function findProved(
  keys: readonly string[],
  claim: Claim,
  proofs: Uint8Array,
): string | undefined {
  const isWhole = proofs.length % PROOF_LENGTH === 0 &&
    proofs.length <= MAX_SECRET_KEYS * PROOF_LENGTH;
  if (!isWhole) return undefined;
  let found: string | undefined;
  for (const key of keys.length > 0 ? keys : [""]) {
    const expected = prove(key, claim);
    for (let at = 0; at < proofs.length; at += PROOF_LENGTH) {
      const given = proofs.subarray(at, at + PROOF_LENGTH);
      if (timingSafeEqual(given, expected)) found ??= key;
    }
  }
  return found;
}

function prove(key: string, { label, said }: Claim): Uint8Array {
  const hmac = createHmac("sha256", key).update(`${label}\0`);
  for (const part of said) hmac.update(part);
  return hmac.digest();
}
