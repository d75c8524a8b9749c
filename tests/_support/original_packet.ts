/** A packet of the original, read here once more so that nothing of ours judges itself. */
export interface Packet {
  readonly command: number;
  readonly connectionId: number;
  readonly flag: number;
  readonly gatewayPort: number;
  readonly extra: Uint8Array<ArrayBuffer>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Reads the packets that some bytes begin with; returns the rest. */
export function readPackets(
  bytes: Uint8Array<ArrayBuffer>,
): { packets: Packet[]; rest: Uint8Array<ArrayBuffer> } {
  const packets: Packet[] = [];
  let at = 0;
  while (bytes.length - at >= 28) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const length = view.getUint32(0);
    if (length < 28 || at + length > bytes.length) break;
    const bodyAt = at + 28 + view.getUint32(24);
    packets.push({
      command: view.getUint8(4),
      connectionId: view.getUint32(17),
      flag: view.getUint8(21),
      gatewayPort: view.getUint16(22),
      extra: bytes.slice(at + 28, bodyAt),
      body: bytes.slice(bodyAt, at + length),
    });
    at += length;
  }
  return { packets, rest: bytes.slice(at) };
}

/** What a packet says, without what may differ: JSON has no order, nor one way to be written. */
export function meaningOf(
  { command, connectionId, flag, extra, body }: Packet,
): string {
  const text = new TextDecoder("latin1").decode(extra);
  let said: unknown = text;
  try {
    const value = JSON.parse(new TextDecoder().decode(extra));
    if (typeof value === "object") said = sorted(value);
  } catch {
    // A name, or a serialized value.
  }
  return JSON.stringify([command, connectionId, flag, said, body.toHex()]);
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value).sort().map(([key, it]) => [key, sorted(it)]);
}
