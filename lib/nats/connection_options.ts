import type * as nats from "@nats-io/transport-node";
import {
  identityOf,
  type NatsIdentity,
  type NatsOptions,
  type NatsServer,
} from "./nats_options.ts";

/** Milliseconds that connecting to one server may take. */
const CONNECT_TIMEOUT = 3_000;

/** Milliseconds between pings to the server; two without an answer, and it is given up. */
const PING_INTERVAL = 2_000;

/** Milliseconds between two tries to connect. */
const RECONNECT_DELAY = 250;

/**
 * Returns how the library is to connect: for ever, quickly, and never less safely than
 * was asked.
 *
 * @throws {TypeError} If a file cannot be read.
 */
export async function connectionOptionsOf(
  library: typeof nats,
  options: NatsOptions,
  servers: readonly NatsServer[],
): Promise<nats.ConnectionOptions> {
  const authenticator = authenticatorOf(
    library,
    await identityOf(options, servers),
  );
  return {
    servers: servers.map(({ address }) => address),
    // By default it gives up after ten tries, and after two refused logins.
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: RECONNECT_DELAY,
    timeout: CONNECT_TIMEOUT,
    pingInterval: PING_INTERVAL,
    maxPingOut: 2,
    noAsyncTraces: true,
    ...(authenticator === undefined ? {} : { authenticator }),
    ...tlsOf(options, servers),
  };
}

function authenticatorOf(
  library: typeof nats,
  identity: NatsIdentity,
): nats.Authenticator | undefined {
  switch (identity.kind) {
    case "nobody":
      return undefined;
    case "creds":
      // Read at each connection: users are renewed.
      return library.credsAuthenticator(() => Deno.readFileSync(identity.file));
    case "nkey":
      return library.nkeyAuthenticator(() => Deno.readFileSync(identity.file));
    case "token":
      return library.tokenAuthenticator(identity.token);
    case "user":
      return library.usernamePasswordAuthenticator(
        identity.user,
        identity.password,
      );
    default:
      return identity satisfies never;
  }
}

/** TLS where a server's URL or a certificate asks for it; else as the server says. */
function tlsOf(
  { natsCa, natsCert, natsKey }: NatsOptions,
  servers: readonly NatsServer[],
): Pick<nats.ConnectionOptions, "tls"> {
  const files = {
    ...(natsCa ? { caFile: natsCa } : {}),
    ...(natsCert ? { certFile: natsCert } : {}),
    ...(natsKey ? { keyFile: natsKey } : {}),
  };
  const isAsked = servers.some(({ isTls }) => isTls) ||
    Object.keys(files).length > 0;
  return isAsked ? { tls: files } : {};
}
