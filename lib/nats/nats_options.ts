import { readText } from "../base/read_text.ts";

/** Where NATS is, and who we are there. Files are read again for each connection. */
export interface NatsOptions {
  /** Servers of one NATS, such as `nats://10.0.0.5:4222` or `tls://…`; who we are may stand before an `@`. */
  readonly nats: string | readonly string[];
  /** File with the credentials of a user (JWT and seed), as `nsc` writes it. */
  readonly natsCreds?: string;
  /** File with the seed of an nkey. */
  readonly natsNkey?: string;
  /** Name of a user that has a password. */
  readonly natsUser?: string;
  /** File with that password. */
  readonly natsPasswordFile?: string;
  /** File with a token. */
  readonly natsTokenFile?: string;
  /** Certificates of the authorities that a server's must be of; a file, in PEM. */
  readonly natsCa?: string;
  /** Certificate to show; a file, in PEM. */
  readonly natsCert?: string;
  /** Its private key; a file, in PEM. */
  readonly natsKey?: string;
}

/** One server: where, and who we are there if its URL says that. */
export interface NatsServer {
  /** `host:port`; what a log may say. */
  readonly address: string;
  /** Whether only TLS will do. */
  readonly isTls: boolean;
  /** The user of the URL. */
  readonly user: string | undefined;
  /** The password of the URL; a user without one is a token. */
  readonly password: string | undefined;
}

/** Where a server of NATS listens if nothing is said. */
const DEFAULT_PORT = "4222";

/**
 * Takes the URL of a server apart.
 *
 * @throws {TypeError} If it is none. What stands before an `@` is never repeated.
 */
export function parseNatsUrl(text: string): NatsServer {
  const whole = /^[a-z]+:\/\//.test(text) ? text : `nats://${text}`;
  const url = URL.canParse(whole) ? new URL(whole) : undefined;
  const isKnown = url?.protocol === "nats:" || url?.protocol === "tls:";
  if (url === undefined || !isKnown || url.hostname === "") {
    throw new TypeError(
      `Cannot use a server of NATS as it must be "nats://host:port" or "tls://host:port": current value is "${
        text.replace(/^([a-z]+:\/\/)?.*@/, "$1…@")
      }"`,
    );
  }
  const { username, password } = url;
  return {
    address: `${url.hostname}:${url.port === "" ? DEFAULT_PORT : url.port}`,
    isTls: url.protocol === "tls:",
    user: username === "" ? undefined : decodeURIComponent(username),
    password: password === "" ? undefined : decodeURIComponent(password),
  };
}

/** Who we are, in one of the ways that NATS knows. */
export type NatsIdentity =
  | { readonly kind: "nobody" }
  | { readonly kind: "creds"; readonly file: string }
  | { readonly kind: "nkey"; readonly file: string }
  | { readonly kind: "token"; readonly token: string }
  | {
    readonly kind: "user";
    readonly user: string;
    readonly password: string | undefined;
  };

/**
 * Finds out who we are.
 *
 * @throws {TypeError} If more than one way is given, or a file cannot be read.
 */
export async function identityOf(
  options: NatsOptions,
  servers: readonly NatsServer[],
): Promise<NatsIdentity> {
  const { natsCreds, natsNkey, natsTokenFile, natsUser, natsPasswordFile } =
    options;
  const named = servers.find(({ user }) => user !== undefined);
  const given = Object.entries({
    natsCreds,
    natsNkey,
    natsTokenFile,
    natsUser,
    "the user of a URL": named?.user,
  }).filter(([, value]) => value !== undefined && value !== "");
  if (given.length > 1) {
    throw new TypeError(
      `Cannot log in to NATS in two ways: found ${
        given.map(([name]) => name).join(" and ")
      }`,
    );
  }
  if (natsCreds) return { kind: "creds", file: natsCreds };
  if (natsNkey) return { kind: "nkey", file: natsNkey };
  if (natsTokenFile) {
    return { kind: "token", token: await readLine("token", natsTokenFile) };
  }
  if (natsUser) {
    const password = natsPasswordFile
      ? await readLine("password", natsPasswordFile)
      : undefined;
    return { kind: "user", user: natsUser, password };
  }
  if (named?.user === undefined) return { kind: "nobody" };
  return named.password === undefined
    ? { kind: "token", token: named.user }
    : { kind: "user", user: named.user, password: named.password };
}

async function readLine(what: string, path: string): Promise<string> {
  return (await readText(what, path)).trim();
}
