import { encodeRegisterMessage } from "../roster/register_message.ts";
import {
  type GatewayAddresses,
  isOriginal,
  type RegisteredPeer,
} from "./directory.ts";

/** The lines that tell of gateways: each peer hears of those that it can dial. */
export class AddressLists {
  readonly #addresses: GatewayAddresses;
  readonly #lines = new Map<string, Uint8Array>();

  /** Nothing is written yet. */
  constructor(addresses: GatewayAddresses) {
    this.#addresses = addresses;
  }

  /** Returns the line for a peer. Gateways dial their own kind only. */
  lineFor(peer: RegisteredPeer): Uint8Array {
    const { ours, original, forOriginal, bridges } = this.#addresses;
    if (isOriginal(peer)) return this.#line("original", forOriginal);
    return peer.php && !peer.list
      ? this.#line("both", ours, original, bridges)
      : this.#line("ours", ours, undefined, bridges);
  }

  #line(
    kind: string,
    addresses: readonly string[],
    phpAddresses?: readonly string[],
    bridges: readonly string[] = [],
  ): Uint8Array {
    const known = this.#lines.get(kind);
    if (known !== undefined) return known;
    const line = encodeRegisterMessage({
      event: "broadcast_addresses",
      addresses,
      ...(phpAddresses && { phpAddresses }),
      ...(bridges.length > 0 && { bridges }),
    });
    this.#lines.set(kind, line);
    return line;
  }
}
