import { ListReader } from "../../list_reader.ts";

/** One extension that a client offers (RFC 6455, section 9.1). */
export interface ExtensionOffer {
  /** Its name. */
  readonly name: string;
  /** Its parameters in order; a value is empty where there is none. */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

/** What was agreed on compression (RFC 7692). */
export interface DeflateAgreement {
  /** Whether each of our messages stands alone. */
  readonly serverNoContext: boolean;
  /** Whether each of the client's messages stands alone. */
  readonly clientNoContext: boolean;
  /** Base-2 logarithm of the bytes that our messages may refer back to. */
  readonly serverWindowBits: number;
  /** The value of our `Sec-WebSocket-Extensions` header. */
  readonly answer: string;
}

/** What a listener is willing to agree to. */
export interface DeflateWish {
  /** Whether messages may refer to earlier ones. */
  readonly contextTakeover: boolean;
  /** Most window bits, either way, 8 to 15. */
  readonly windowBits: number;
}

const NAME = "permessage-deflate";
const MAX_WINDOW_BITS = 15;

/**
 * Reads the value of a `Sec-WebSocket-Extensions` header.
 *
 * @returns The offers, the client's favorite first; `undefined` if it cannot be read.
 */
export function parseExtensions(value: string): ExtensionOffer[] | undefined {
  const reader = new ListReader(value);
  const offers: ExtensionOffer[] = [];
  do {
    // Empty elements of a list are none (RFC 9110, section 5.6.1).
    if (reader.isBefore(",")) continue;
    const offer = readExtension(reader);
    if (offer === undefined) return undefined;
    offers.push(offer);
  } while (reader.take(","));
  return reader.isAtEnd ? offers : undefined;
}

function readExtension(reader: ListReader): ExtensionOffer | undefined {
  const name = reader.token();
  if (name === "") return undefined;
  const parameters: [string, string][] = [];
  while (reader.take(";")) {
    const parameter = reader.token();
    const value = reader.take("=") ? readValue(reader) : "";
    if (parameter === "" || value === undefined) return undefined;
    parameters.push([parameter, value]);
  }
  return { name, parameters };
}

function readValue(reader: ListReader): string | undefined {
  return reader.take('"') ? reader.quoted() : reader.token() || undefined;
}

/**
 * Chooses the first offer of compression that can be accepted.
 *
 * @param offers What the client offers, its favorite first.
 * @param wish What we are willing to do.
 * @returns What is agreed, or `undefined` for no compression.
 */
export function agreeOnDeflate(
  offers: readonly ExtensionOffer[],
  wish: DeflateWish,
): DeflateAgreement | undefined {
  for (const { name, parameters } of offers) {
    if (name !== NAME) continue;
    const offer = readOffer(parameters);
    if (offer !== undefined) return accept(offer, wish);
  }
  return undefined;
}

interface Offer {
  serverNoContext: boolean;
  clientNoContext: boolean;
  /** 0 if the client does not say. */
  serverWindowBits: number;
  /** 0 if the client cannot be told. */
  clientWindowBits: number;
}

/** Returns nothing for an offer that must be declined (RFC 7692, section 7). */
function readOffer(
  parameters: ExtensionOffer["parameters"],
): Offer | undefined {
  const names = new Set(parameters.map(([name]) => name));
  if (names.size < parameters.length) return undefined;
  const offer = {
    serverNoContext: false,
    clientNoContext: false,
    serverWindowBits: 0,
    clientWindowBits: 0,
  };
  const isFine = parameters.every(([name, value]) =>
    readParameter(offer, name, value)
  );
  return isFine ? offer : undefined;
}

function readParameter(offer: Offer, name: string, value: string): boolean {
  switch (name) {
    case "server_no_context_takeover":
      offer.serverNoContext = true;
      return value === "";
    case "client_no_context_takeover":
      offer.clientNoContext = true;
      return value === "";
    case "server_max_window_bits":
      offer.serverWindowBits = Number(value);
      return isWindowBits(value);
    case "client_max_window_bits":
      offer.clientWindowBits = value === "" ? MAX_WINDOW_BITS : Number(value);
      return value === "" || isWindowBits(value);
    default:
      return false;
  }
}

function isWindowBits(value: string): boolean {
  return /^([89]|1[0-5])$/.test(value);
}

function accept(offer: Offer, wish: DeflateWish): DeflateAgreement {
  const serverNoContext = offer.serverNoContext || !wish.contextTakeover;
  const clientNoContext = offer.clientNoContext || !wish.contextTakeover;
  const serverWindowBits = Math.min(
    offer.serverWindowBits || MAX_WINDOW_BITS,
    wish.windowBits,
  );
  const clientWindowBits = Math.min(offer.clientWindowBits, wish.windowBits);
  const mentionsServer = offer.serverWindowBits > 0 ||
    serverWindowBits < MAX_WINDOW_BITS;
  const mentionsClient = offer.clientWindowBits > 0 &&
    clientWindowBits < MAX_WINDOW_BITS;
  const answer = [
    NAME,
    ...(serverNoContext ? ["server_no_context_takeover"] : []),
    ...(clientNoContext ? ["client_no_context_takeover"] : []),
    ...(mentionsServer ? [`server_max_window_bits=${serverWindowBits}`] : []),
    ...(mentionsClient ? [`client_max_window_bits=${clientWindowBits}`] : []),
  ].join("; ");
  return { serverNoContext, clientNoContext, serverWindowBits, answer };
}
