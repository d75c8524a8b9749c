import { isLoopback } from "../base/address.ts";
import type { Hello, Signed } from "../roster/register_message.ts";
import { RegisterProof } from "../roster/register_proof.ts";
import type { Trust } from "../peer/trust.ts";
import type { Peer } from "./peer.ts";
import { isSameSecretKey } from "../peer/secret_key.ts";

/** What nodes of the original may do. */
export interface AdmissionOptions {
  /** Whether nodes on other machines may send our own key itself. */
  readonly acceptPlainKey: boolean;
  /** Whether they may join with a key of their own. */
  readonly phpPeers: boolean;
  /** That key. */
  readonly phpSecretKey: string;
}

/** Decides who may join. */
export class Admission {
  readonly #trust: Trust;
  readonly #options: AdmissionOptions;
  readonly #challenged = new WeakMap<Peer, RegisterProof>();
  readonly #proved = new WeakMap<Peer, string>();
  readonly #original = new WeakSet<Peer>();

  /**
   * @param trust The keys that are accepted.
   * @param options What nodes of the original may do.
   */
  constructor(trust: Trust, options: AdmissionOptions) {
    this.#trust = trust;
    this.#options = options;
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

  /** Whether a peer has shown the key of the original, and nothing better. */
  isOriginal(peer: Peer): boolean {
    return this.#original.has(peer);
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
    const { phpPeers, phpSecretKey, acceptPlainKey } = this.#options;
    if (fitting.length === 0) {
      const isPhp = phpPeers && isSameSecretKey(plainKey, phpSecretKey);
      if (!isPhp) return "its secret key is not ours";
      this.#original.add(peer);
      return undefined;
    }
    const isPrivate = secretKeys.length === 0 || identity !== undefined ||
      isLoopback(peer.connection.remoteHostname);
    return isPrivate || acceptPlainKey
      ? undefined
      : "it sent the secret key in clear over the network, which needs --accept-plain-key";
  }
}
