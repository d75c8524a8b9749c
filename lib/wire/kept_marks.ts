/**
 * Texts in CBOR that begin with U+FEFF, the byte order mark. cbor-x takes texts of
 * more than 64 bytes for the beginning of a file, and drops their mark: what is
 * "\ufeffann…" would become "ann…", somebody else.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Texts of no more bytes are decoded as they are. */
const MAX_EXACT = 64;

/** U+FEFF in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf] as const;

/** Additional bits of a CBOR item's first byte that say that a length of 2^n bytes follows. */
const MIN_LENGTH = 24;
const MAX_LENGTH = 27;

/** Major types of CBOR whose argument counts bytes that follow. */
const Major = { Bytes: 2, Text: 3 } as const;

/**
 * Makes CBOR fit for a decoder that drops a mark: where a long text begins with one,
 * it begins with two.
 *
 * @param bytes CBOR, or anything else, which is returned as it is.
 * @returns The same bytes, if there is no such text.
 */
export function keepMarks(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= MAX_EXACT || !bytes.includes(MARK[0])) return bytes;
  const marked = findMarked(bytes);
  if (marked.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const { start, body, length } of marked) {
    parts.push(bytes.subarray(at, start), textHeader(length + MARK.length));
    parts.push(new Uint8Array(MARK));
    at = body;
  }
  parts.push(bytes.subarray(at));
  return new Uint8Array(Buffer.concat(parts));
}

/** A long text that begins with a mark. */
interface MarkedText {
  /** Where its header begins. */
  readonly start: number;
  /** Where the text begins. */
  readonly body: number;
  /** Its bytes. */
  readonly length: number;
}

/** Goes over the items of CBOR, whatever is nested in what. */
function findMarked(bytes: Uint8Array): MarkedText[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: MarkedText[] = [];
  let start = 0;
  while (start < bytes.length) {
    const first = view.getUint8(start);
    const major = first >> 5;
    const info = first & 0x1f;
    const hasLength = info >= MIN_LENGTH && info <= MAX_LENGTH;
    const body = start + 1 + (hasLength ? 1 << (info - MIN_LENGTH) : 0);
    if (body > bytes.length) return found;
    const isString = (major === Major.Bytes || major === Major.Text) &&
      info <= MAX_LENGTH;
    const length = isString ? argument(view, start, info) : 0;
    const end = body + length;
    // What is cut off is no CBOR, which the decoder says.
    if (end > bytes.length) return found;
    const isLong = major === Major.Text && length > MAX_EXACT;
    if (isLong && isMarked(bytes, body)) found.push({ start, body, length });
    start = end;
  }
  return found;
}

function argument(view: DataView, start: number, info: number): number {
  switch (info) {
    case 24:
      return view.getUint8(start + 1);
    case 25:
      return view.getUint16(start + 1);
    case 26:
      return view.getUint32(start + 1);
    case 27:
      return Number(view.getBigUint64(start + 1));
    default:
      return info;
  }
}

function isMarked(bytes: Uint8Array, at: number): boolean {
  return MARK.every((byte, index) => bytes[at + index] === byte);
}

function textHeader(length: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(5));
  header.setUint8(0, (Major.Text << 5) | 26);
  header.setUint32(1, length);
  return new Uint8Array(header.buffer);
}
