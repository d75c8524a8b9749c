import http2 from "node:http2";
import net from "node:net";
import { Duplex } from "node:stream";
import tls from "node:tls";
import { TEST_CERT } from "../unit/transport/_certificate.ts";

/** Where clients come from, which is no address that a gateway or a proxy trusts. */
export const CLIENT_ADDRESS = "127.0.0.9";

/** Most milliseconds that a connection or an answer may take. */
export const PATIENCE = 20_000;

/** Where clients connect. */
export interface Site {
  /** Port of 127.0.0.1. */
  readonly port: number;
  /** Whether it is behind TLS. */
  readonly tls: boolean;
  /** Whether clients open WebSockets over HTTP/2 (RFC 8441). */
  readonly http2?: boolean;
}

/** Fails when something takes longer than it may. */
export async function within<T>(
  what: string,
  promise: Promise<T>,
  limit = PATIENCE,
): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `Cannot wait any longer: no ${what} in ${limit} ms`;
    reject(new Deno.errors.TimedOut(message));
  }, limit);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A TCP connection, or one of TLS in which both agreed on a protocol. */
export async function dial(
  { port, tls: isSecure }: Site,
): Promise<net.Socket> {
  const to = { host: "127.0.0.1", port, localAddress: CLIENT_ADDRESS };
  const socket = isSecure
    ? tls.connect({
      ...to,
      ca: TEST_CERT,
      servername: "localhost",
      ALPNProtocols: ["http/1.1"],
    })
    : net.connect(to);
  await within(
    "connection",
    new Promise<void>((resolve, reject) => {
      socket.once(isSecure ? "secureConnect" : "connect", resolve);
      socket.once("error", reject);
      socket.once("close", () => reject(new Error("closed while connecting")));
    }),
  );
  // From here on the end of it says everything.
  socket.on("error", () => {});
  return socket;
}

/**
 * The same, for a client that stops reading: where `node:tls` reads on after `pause()`,
 * this leaves it in the kernel. It comes from 127.0.0.1.
 */
export async function dialLazily({ port, tls }: Site): Promise<Duplex> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const { readable, writable } = tls
    ? await Deno.startTls(conn, { hostname: "localhost", caCerts: [TEST_CERT] })
    : conn;
  const stream = Duplex.fromWeb({ readable, writable }, { highWaterMark: 1 });
  stream.on("error", () => {});
  return stream;
}

/** What a server says of HTTP/2. */
export interface Http2Offer {
  /** The connection. */
  readonly session: http2.ClientHttp2Session;
  /** Whether it takes WebSockets, which is SETTINGS_ENABLE_CONNECT_PROTOCOL. */
  readonly takesWebSockets: boolean;
  /** Streams at a time. */
  readonly streams: number;
}

/** What a server chooses when it is offered HTTP/2 and HTTP/1.1. */
export async function agreedProtocol({ port }: Site): Promise<string> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  using secure = await Deno.startTls(conn, {
    hostname: "localhost",
    caCerts: [TEST_CERT],
    alpnProtocols: ["h2", "http/1.1"],
  });
  return (await secure.handshake()).alpnProtocol ?? "none";
}

/** A connection of HTTP/2; `undefined` if it is not spoken there. */
export async function dialHttp2(site: Site): Promise<Http2Offer | undefined> {
  const session = http2.connect(`https://127.0.0.1:${site.port}`, {
    ca: TEST_CERT,
    servername: "localhost",
    localAddress: CLIENT_ADDRESS,
  } as http2.SecureClientSessionOptions);
  session.on("error", () => {});
  const settings = await within(
    "SETTINGS of HTTP/2",
    new Promise<http2.Settings | undefined>((resolve) => {
      session.once("remoteSettings", resolve);
      session.once("close", () => resolve(undefined));
    }),
  );
  if (settings === undefined) return undefined;
  return {
    session,
    takesWebSockets: settings.enableConnectProtocol === true,
    streams: settings.maxConcurrentStreams ?? Infinity,
  };
}
