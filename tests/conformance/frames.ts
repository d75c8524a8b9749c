import { bytes, clientFrame } from "../unit/transport/_feed.ts";

/** What frames are (RFC 6455, section 5.2). */
export const Op = {
  Continuation: 0,
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

/** A frame with everything as it should be. */
export function frame(
  opcode: number,
  payload: Uint8Array | string = "",
): Uint8Array {
  return clientFrame(opcode, payload);
}

/** A frame that more of the same message follow. */
export function part(
  opcode: number,
  payload: Uint8Array | string = "",
): Uint8Array {
  return clientFrame(opcode, payload, { fin: false });
}

/** A close frame with a code and a reason. */
export function closing(
  code: number,
  reason: Uint8Array | string = "",
): Uint8Array {
  const text = typeof reason === "string" ? bytes(reason) : reason;
  return clientFrame(
    Op.Close,
    Uint8Array.of(code >> 8, code & 255, ...text),
  );
}

/** A text of so many ASCII characters, none like its neighbor. */
export function letters(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => 0x20 + (i * 7) % 95);
}

/** So many bytes of every kind. */
export function octets(length: number): Uint8Array {
  return new Uint8Array(length).map((_, i) => i * 151 + (i >> 8));
}

/** Text like what applications send: much of it comes again. */
export function json(length: number): Uint8Array {
  const items: string[] = [];
  for (let i = 0; i * 30 < length; i++) {
    items.push(`{"id":${i},"name":"user ${i % 17}","online":${i % 3 === 0}}`);
  }
  return bytes(`[${items.join(",")}]`.slice(0, length));
}

/** A message cut into frames of so many bytes. */
export function fragments(
  opcode: number,
  payload: Uint8Array,
  size: number,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const piece = payload.slice(at, at + size);
    const fin = at + size >= payload.length;
    frames.push(
      clientFrame(at === 0 ? opcode : Op.Continuation, piece, { fin }),
    );
  }
  return frames;
}
