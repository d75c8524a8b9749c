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
    const { ours, original, forOriginal } = this.#addresses;
    if (isOriginal(peer)) return this.#line("original", forOriginal);
    return peer.php && !peer.list
      ? this.#line("both", ours, original)
      : this.#line("ours", ours);
  }

  #line(
    kind: string,
    addresses: readonly string[],
    phpAddresses?: readonly string[],
  ): Uint8Array {
    const known = this.#lines.get(kind);
    if (known !== undefined) return known;
    const line = encodeRegisterMessage({
      event: "broadcast_addresses",
      addresses,
      ...(phpAddresses && { phpAddresses }),
    });
    this.#lines.set(kind, line);
    return line;
  }
}
