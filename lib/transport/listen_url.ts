import { type Address, findAddress } from "../base/address.ts";

/** The protocols that a client may speak. */
export const PROTOCOLS = ["ws", "text", "frame", "tcp"] as const;

/** One of {@linkcode PROTOCOLS}. */
export type Protocol = typeof PROTOCOLS[number];

/** Where to listen, and for what. */
export interface ListenUrl extends Address {
  /** What clients speak. */
  readonly protocol: Protocol;
  /** Whether they speak it inside TLS. */
  readonly tls: boolean;
}

const LISTEN_URL = /^([a-z]+(?:\+[a-z]+)?):\/\/([^\/]+)\/?$/;

/**
 * Reads an address to listen on, such as `ws://0.0.0.0:8282` or `tls+text://[::]:9000`.
 *
 * @param text The address as written by a person.
 * @returns Its parts.
 * @throws {TypeError} If the text is not of that form, or names no known protocol.
 */
export function parseListenUrl(text: string): ListenUrl {
  const [, scheme = "", place = ""] = LISTEN_URL.exec(text) ?? [];
  const address = findAddress(place);
  if (address === undefined) {
    throw new TypeError(
      `Cannot listen as the address must be "scheme://host:port": current value is "${text}"`,
    );
  }
  const tls = scheme === "wss" || scheme.startsWith("tls+");
  const plain = scheme === "wss" ? "ws" : scheme.replace(/^tls\+/, "");
  const protocol = PROTOCOLS.find((known) => known === plain);
  if (protocol === undefined) {
    throw new TypeError(
      `Cannot listen as the scheme must be ws, wss, text, frame, tcp, tls+text, tls+frame or tls+tcp: current value is "${scheme}"`,
    );
  }
  return { protocol, tls, ...address };
}
