/** Sizes around which the head of a frame changes. */
export const SIZES = [0, 1, 125, 126, 65_535, 65_536] as const;

/** Encodes an unmasked frame, as servers send them. */
export function encodeServerFrame(
  opcode: number,
  payload: Uint8Array,
): Uint8Array {
  const { length } = payload;
  const head = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 0xff]
    : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => length >> by & 0xff)];
  const frame = new Uint8Array(1 + head.length + length);
  frame.set([0x80 | opcode, ...head]);
  frame.set(payload, 1 + head.length);
  return frame;
}

/** Two text frames of a size. */
export function serverFrames(size: number): Uint8Array {
  const text = encodeServerFrame(1, new Uint8Array(size).fill(0x78));
  const both = new Uint8Array(text.length * 2);
  both.set(text);
  both.set(text, text.length);
  return both;
}
