import { isLoopback } from "../base/address.ts";
import type { Hello, Signed } from "../roster/register_message.ts";
import { RegisterProof } from "../roster/register_proof.ts";
import type { Trust } from "../peer/trust.ts";
import type { Peer } from "./peer.ts";
import { isSameSecretKey } from "./secret_key.ts";

/** Decides who may join. */
export class Admission {
  readonly #trust: Trust;
  readonly #acceptPlainKey: boolean;
  readonly #challenged = new WeakMap<Peer, RegisterProof>();
  readonly #proved = new WeakMap<Peer, string>();

  /**
   * @param trust The keys that are accepted.
   * @param acceptPlainKey Whether nodes on other machines may send the key itself.
   */
  constructor(trust: Trust, acceptPlainKey: boolean) {
    this.#trust = trust;
    this.#acceptPlainKey = acceptPlainKey;
  }

  /** Answers a node that wants to prove that it knows the key. */
  challenge(peer: Peer, hello: Hello): ReturnType<RegisterProof["challenge"]> {
    const proof = new RegisterProof(hello);
    this.#challenged.set(peer, proof);
    return proof.challenge();
  }

  /** Takes a node's proof, once for each challenge. Returns whether it is good. */
  prove(peer: Peer, signed: Signed): boolean {
    const proof = this.#challenged.get(peer)?.check(
      this.#trust.secretKeys,
      signed,
    );
    this.#challenged.delete(peer);
    if (proof === undefined) return false;
    this.#proved.set(peer, proof);
    return true;
  }

  /** The Register's own proof, for a node that has given one. */
  proofFor(peer: Peer): string | undefined {
    return this.#proved.get(peer);
  }

  /**
   * Judges who introduces itself.
   *
   * @param plainKey The key itself, as nodes of the original send it.
   * @returns Why it may not join; `undefined` if it may.
   */
  refusalOf(peer: Peer, plainKey = ""): string | undefined {
    if (this.#proved.has(peer)) return undefined;
    const { secretKeys, identity } = this.#trust;
    const keys = secretKeys.length > 0 ? secretKeys : [""];
    // All are compared, so that the time does not tell which one it was.
    const fitting = keys.filter((key) => isSameSecretKey(plainKey, key));
    if (fitting.length === 0) return "its secret key is not ours";
    const isPrivate = secretKeys.length === 0 || identity !== undefined ||
      isLoopback(peer.connection.remoteHostname);
    return isPrivate || this.#acceptPlainKey
      ? undefined
      : "it sent the secret key in clear over the network, which needs --accept-plain-key";
  }
}
