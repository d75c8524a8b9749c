import { bytesOf, isBinary, textOf } from "../../php/text.ts";
import { PhpFlag, type PhpPacket } from "../../php/packet.ts";
import { isList, PhpFloat, type PhpValue } from "../../php/php_value.ts";
import { formatFloat } from "../../php/serialize.ts";
import { unserialize } from "../../php/unserialize.ts";

const encoder = new TextEncoder();

/**
 * Returns the message that a packet has for clients: a string as it is, null or an array
 * as the JSON that the original makes of it.
 *
 * @throws {ProtocolError} If the body is no serialized value.
 * @throws {TypeError} If it is anything else, which ends the original's gateway.
 */
export function messageOf({ flags, body }: PhpPacket): Uint8Array {
  if ((flags & PhpFlag.Scalar) !== 0) return body;
  const value = unserialize(body);
  if (typeof value === "string") return bytesOf(value);
  if (value === null || value instanceof Map) {
    return encoder.encode(toJson(value));
  }
  throw new TypeError(
    "Cannot send to clients as a message must be a string, null or an array: it is neither",
  );
}

/** Whether a packet that closes a client has a message for it. */
export function hasMessage({ flags, body }: PhpPacket): boolean {
  return (flags & PhpFlag.Scalar) !== 0 || textOf(body) !== "N;";
}

/** Writes a value as the original's encoder for WebSocket does. */
function toJson(value: PhpValue): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
  }
  if (value === null) return "null";
  if (value instanceof PhpFloat && Number.isFinite(value.value)) {
    return formatFloat(value.value).replace("E", "e");
  }
  if (!(value instanceof Map)) {
    throw new TypeError(
      "Cannot send to clients as arrays must hold what JSON has: one holds something else",
    );
  }
  if (isList(value)) return `[${[...value.values()].map(toJson).join(",")}]`;
  const members = Array.from(
    value,
    ([key, item]) => `${quoted(key)}:${toJson(item)}`,
  );
  return `{${members.join(",")}}`;
}

function quoted(text: string): string {
  if (isBinary(text)) {
    throw new TypeError(
      "Cannot send to clients as strings in arrays must be UTF-8: one is not",
    );
  }
  return JSON.stringify(text)
    .replaceAll("/", "\\/")
    .replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");
}
