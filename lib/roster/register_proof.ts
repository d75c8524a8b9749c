/**
 * How a node and a Register show each other that they know the secret key, which
 * never crosses the wire: the node asks for a nonce, signs its first line over the
 * nonces of both, and the Register signs its answer.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { findProved, newNonce, proveAll } from "../peer/proof.ts";
import type { Challenge, Hello, Signed } from "./register_message.ts";

const NODE = "gatewayworker register 1 node";
const REGISTER = "gatewayworker register 1 register";

/** The node's side of one conversation. */
export class NodeProof {
  readonly #keys: readonly string[];
  readonly #nonce = newNonce();
  #said: Uint8Array[] | undefined;

  /** @param keys The secret keys that the node knows; at least one. */
  constructor(keys: readonly string[]) {
    this.#keys = keys;
  }

  /** The first thing to say. */
  hello(): Hello {
    return { event: "hello", nonce: toHex(this.#nonce) };
  }

  /** Signs what the node has to say; answers one challenge only. */
  sign({ nonce }: Challenge, line: string): Signed | undefined {
    if (this.#said !== undefined) return undefined;
    const said = [this.#nonce, fromHex(nonce), Buffer.from(line)];
    this.#said = said;
    const proofs = toHex(proveAll(this.#keys, { label: NODE, said }));
    return { event: "signed", line, proofs };
  }

  /** Whether the proof in a welcome is of a Register that knows a key of ours. */
  isProved(proof: string | undefined): boolean {
    if (this.#said === undefined || proof === undefined) return false;
    const claim = { label: REGISTER, said: this.#said };
    return findProved(this.#keys, claim, fromHex(proof)) !== undefined;
  }
}

/** The Register's side of one conversation: good for one signed line. */
export class RegisterProof {
  readonly #nonce = newNonce();
  readonly #nodeNonce: Uint8Array;

  /** @param hello What the node said. */
  constructor({ nonce }: Hello) {
    this.#nodeNonce = fromHex(nonce);
  }

  /** What to answer. */
  challenge(): Challenge {
    return { event: "challenge", nonce: toHex(this.#nonce) };
  }

  /**
   * Checks who signed.
   *
   * @param keys The secret keys that the Register accepts.
   * @returns The proof for the welcome; `undefined` if no key fits.
   */
  check(
    keys: readonly string[],
    { line, proofs }: Signed,
  ): string | undefined {
    const said = [this.#nodeNonce, this.#nonce, Buffer.from(line)];
    const key = findProved(keys, { label: NODE, said }, fromHex(proofs));
    return key === undefined
      ? undefined
      : toHex(proveAll([key], { label: REGISTER, said }));
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function fromHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}
