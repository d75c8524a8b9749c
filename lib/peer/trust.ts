import { createPrivateKey, X509Certificate } from "node:crypto";
import { isLoopback } from "../base/address.ts";
import { AddressSet } from "../base/address_set.ts";
import { HandshakeError, messageOf } from "../base/errors.ts";
import { readPem } from "../base/pem.ts";
import { readText } from "../base/read_text.ts";
import { MAX_SECRET_KEYS } from "./proof.ts";

/** How a node shows the others that it belongs to the cluster. */
export interface TrustOptions {
  /** The secret of the cluster; a list while it is being changed. None by default. */
  readonly secretKey?: string | readonly string[];
  /** File with further secret keys, one a line; read again by a renewal. */
  readonly secretKeyFile?: string;
  /**
   * Certificate chain for links and Registers: a file, or PEM. It must name the
   * host that others dial, and be good for server and client.
   */
  readonly lanCert?: string;
  /** Private key of the certificate: a file, or PEM. */
  readonly lanKey?: string;
  /**
   * Certificates of the only authorities that are believed: a file, or PEM. Nodes
   * must show a certificate of theirs, and are dialed with TLS.
   */
  readonly lanCa?: string;
}

/** {@linkcode TrustOptions} of a node that others dial. */
export interface ListenTrustOptions extends TrustOptions {
  /**
   * Networks that nodes may come from, such as `10.0.0.0/8`; others are cut off
   * before they can say a word. Everywhere by default.
   */
  readonly lanAllow?: readonly string[];
  /**
   * Whether other machines may connect although nothing tells a node of the cluster
   * from a stranger: who reaches the port can read, send and close everything.
   *
   * @default {false}
   */
  readonly insecure?: boolean;
}

/** What TLS between nodes works with, in PEM. */
export interface TlsIdentity {
  /** Certificate chain. */
  readonly cert?: string;
  /** Private key of the certificate. */
  readonly key?: string;
  /** Certificates of the authorities that are believed. */
  readonly ca?: string;
}

/** What a node believes, and shows to be believed. Can be renewed while it is in use. */
export class Trust {
  /** Of a node that has no secret and dials without TLS. */
  static readonly NONE: Trust = new Trust({}, [], undefined);
  readonly #options: ListenTrustOptions;
  readonly #allowed: AddressSet;
  readonly #renewed = new Set<() => void>();
  #secretKeys: readonly string[];
  #identity: TlsIdentity | undefined;

  private constructor(
    options: ListenTrustOptions,
    secretKeys: readonly string[],
    identity: TlsIdentity | undefined,
  ) {
    this.#options = options;
    this.#allowed = new AddressSet(options.lanAllow ?? []);
    this.#secretKeys = secretKeys;
    this.#identity = identity;
  }

  /**
   * Reads keys and certificates.
   *
   * @throws {TypeError} If they do not fit together, or a file cannot be used.
   * @throws {RangeError} If there are too many keys.
   */
  static async load(options: ListenTrustOptions): Promise<Trust> {
    return new Trust(
      options,
      await readSecretKeys(options),
      await readIdentity(options),
    );
  }

  /** Every key that is accepted and shown; empty for none. */
  get secretKeys(): readonly string[] {
    return this.#secretKeys;
  }

  /** What TLS works with; `undefined` for no TLS. */
  get identity(): TlsIdentity | undefined {
    return this.#identity;
  }

  /** Says why no node may come from an address; `undefined` if one may. */
  refusalOf(hostname: string): HandshakeError | undefined {
    if (this.#allowed.isEmpty || this.#allowed.has(hostname)) return undefined;
    return new HandshakeError(
      "Cannot accept peer: its address is in none of the allowed networks",
    );
  }

  /**
   * Refuses to listen where strangers could come in.
   *
   * @param what Who would listen.
   * @param hostname Where.
   * @throws {TypeError} If other machines reach it and nothing keeps strangers out.
   */
  checkListen(what: string, hostname: string): void {
    const keepsOut = this.#secretKeys.length > 0 ||
      this.#identity?.ca !== undefined;
    if (keepsOut || this.#options.insecure || isLoopback(hostname)) return;
    throw new TypeError(
      `Cannot start ${what} on ${hostname} as other machines reach it and there is no secret key: give one (--secret-key-file), or certificates (--lan-cert, --lan-key, --lan-ca), or say with --insecure that whoever reaches the port may read, send and close everything`,
    );
  }

  /**
   * Reads files again. What is up stays up; what connects from now on is judged anew.
   *
   * @param secretKey Replaces what the options said, if given.
   * @throws {TypeError} If a file cannot be used: then all stays as it was.
   * @throws {RangeError} If there are too many keys.
   */
  async renew(
    secretKey: TrustOptions["secretKey"] = this.#options.secretKey ?? [],
  ): Promise<void> {
    const keys = await readSecretKeys({ ...this.#options, secretKey });
    const identity = await readIdentity(this.#options);
    if (this.#secretKeys.length > 0 && keys.length === 0) {
      throw new TypeError(
        "Cannot renew the secret keys as a running node must keep one: none was found",
      );
    }
    [this.#secretKeys, this.#identity] = [keys, identity];
    for (const renewed of this.#renewed) renewed();
  }

  /** Calls back after each renewal, until disposed. */
  onRenewed(renewed: () => void): Disposable {
    this.#renewed.add(renewed);
    return { [Symbol.dispose]: () => void this.#renewed.delete(renewed) };
  }
}

/**
 * Reads keys: those given, and those of a file, one a line.
 *
 * @throws {TypeError} If the file cannot be used.
 * @throws {RangeError} If there are too many keys.
 */
export async function readSecretKeys(
  { secretKey = [], secretKeyFile }: TrustOptions,
): Promise<readonly string[]> {
  const given = [secretKey].flat().filter((key) => key !== "");
  const keys = new Set(given);
  if (secretKeyFile !== undefined) {
    const lines = toLines(await readText("secret key", secretKeyFile));
    if (lines.length === 0) {
      throw new TypeError(
        `Cannot use secret key file "${secretKeyFile}" as it must hold a key, one a line: it is empty`,
      );
    }
    for (const line of lines) keys.add(line);
  }
  if (keys.size <= MAX_SECRET_KEYS) return [...keys];
  throw new RangeError(
    `Cannot use more than ${MAX_SECRET_KEYS} secret keys: ${keys.size} were given`,
  );
}

function toLines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line);
}

async function readIdentity(
  { lanCert, lanKey, lanCa }: TrustOptions,
): Promise<TlsIdentity | undefined> {
  if (lanCert === undefined && lanKey === undefined && lanCa === undefined) {
    return undefined;
  }
  if ((lanCert === undefined) !== (lanKey === undefined)) {
    throw new TypeError(
      `Cannot use TLS as certificate and key belong together: only ${
        lanCert === undefined ? "lanKey" : "lanCert"
      } was given`,
    );
  }
  const identity = {
    ...(lanCert === undefined ? {} : { cert: await readPem(lanCert) }),
    ...(lanKey === undefined ? {} : { key: await readPem(lanKey) }),
    ...(lanCa === undefined ? {} : { ca: await readPem(lanCa) }),
  };
  checkIdentity(identity);
  return identity;
}

function checkIdentity({ cert, key, ca }: TlsIdentity): void {
  try {
    if (ca !== undefined) new X509Certificate(ca);
    if (cert === undefined || key === undefined) return;
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
      return;
    }
  } catch (error) {
    throw new TypeError(
      `Cannot use TLS with these certificates: ${messageOf(error)}`,
      { cause: error },
    );
  }
  throw new TypeError(
    "Cannot use TLS with these certificates: the key is not the certificate's",
  );
}
