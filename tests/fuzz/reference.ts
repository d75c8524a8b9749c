/**
 * Decoders as simple as can be: they see all bytes at once, copy everything, and
 * nobody would run them in earnest.
 *
 * @module
 */
import { inflateRawSync } from "node:zlib";
import { concat, text } from "../unit/transport/_feed.ts";

/** The limits that a decoder is given. */
export interface ReferenceLimits {
  /** Most bytes of a message. */
  readonly maxMessage: number;
  /** Whether messages may be compressed. */
  readonly deflate: boolean;
}

interface Frame {
  readonly fin: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly isWhole: boolean;
  readonly size: number;
}

/** What RFC 6455 makes of a client's bytes: a line for each thing that happens. */
export function webSocketSays(
  bytes: Uint8Array,
  limits: ReferenceLimits,
): string[] {
  const lines: string[] = [];
  let message: { frame: Frame; parts: Uint8Array[] } | undefined;
  for (let at = 0; at < bytes.length;) {
    const rest = bytes.slice(at);
    const gathered = message?.parts.reduce(
      (sum, { length }) => sum + length,
      0,
    );
    const frame = readFrame(rest, {
      isInside: message !== undefined,
      gathered: gathered ?? 0,
      ...limits,
    });
    if (frame === undefined) return lines;
    if (typeof frame === "number") return [...lines, `fault ${frame}`];
    if (frame.opcode >= 8) {
      if (!frame.isWhole) return lines;
      lines.push(controlLine(frame));
      if (frame.opcode === 8) return lines;
      at += frame.size;
      continue;
    }
    message ??= { frame, parts: [] };
    message.parts.push(frame.payload);
    const isDone = frame.isWhole && frame.fin;
    const line = messageLine(message.frame, message.parts, isDone, limits);
    if (line?.startsWith("fault")) return [...lines, line];
    if (!frame.isWhole) return lines;
    if (line !== undefined) lines.push(line);
    if (isDone) message = undefined;
    at += frame.size;
  }
  return lines;
}

interface FrameRules extends ReferenceLimits {
  readonly isInside: boolean;
  readonly gathered: number;
}

/** Returns a frame, a close code, or nothing while more is needed to judge. */
function readFrame(bytes: Uint8Array, rules: FrameRules) {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const fin = first >= 128;
  const reserved = first >> 4 & 7;
  const opcode = first & 15;
  const isControl = opcode >= 8;
  const form = second & 127;
  const mayCompress = rules.deflate && (opcode === 1 || opcode === 2);
  if (reserved !== 0 && !(reserved === 4 && mayCompress)) return 1002;
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) return 1002;
  if (isControl && (!fin || form > 125)) return 1002;
  if (!isControl && (opcode === 0) !== rules.isInside) return 1002;
  if (second < 128) return 1002;
  const lengthSize = form < 126 ? 0 : form === 126 ? 2 : 8;
  if (bytes.length < 2 + lengthSize) return undefined;
  let length = BigInt(form);
  if (lengthSize > 0) {
    length = bytes.slice(2, 2 + lengthSize)
      .reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    if (length < (lengthSize === 2 ? 126n : 65_536n)) return 1002;
    if (length >= 2n ** 63n) return 1002;
  }
  const isTooBig = length + BigInt(rules.gathered) > BigInt(rules.maxMessage);
  if (!isControl && isTooBig) return 1009;
  const start = 2 + lengthSize + 4;
  if (bytes.length < start) return undefined;
  const size = start + Number(length);
  const key = bytes.slice(start - 4, start);
  const payload = bytes.slice(start, size)
    .map((byte, i) => byte ^ (key[i % 4] ?? 0));
  const isWhole = bytes.length >= size;
  return { fin, reserved, opcode, payload, isWhole, size };
}

function controlLine({ opcode, payload }: Frame): string {
  if (opcode === 9) return `ping ${text(payload)}`;
  if (opcode === 10) return "pong";
  if (payload.length === 0) return "close 1005 ";
  const code = payload.length < 2 ? 0 : (payload[0] ?? 0) * 256 +
    (payload[1] ?? 0);
  const isValid = (code >= 1000 && code <= 1014 &&
    ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999);
  if (!isValid) return "fault 1002";
  const reason = payload.slice(2);
  return isUtf8(reason, true) ? `close ${code} ${text(reason)}` : "fault 1007";
}

/** Returns what a message says, if it is whole, or what is wrong with it already. */
function messageLine(
  { opcode, reserved }: Frame,
  parts: Uint8Array[],
  isDone: boolean,
  { maxMessage }: ReferenceLimits,
): string | undefined {
  const payload = concat(...parts);
  const isText = opcode === 1;
  if (reserved === 0) {
    if (isText && !isUtf8(payload, isDone)) return "fault 1007";
    if (!isDone) return undefined;
    return isText ? `text ${text(payload)}` : `binary ${payload}`;
  }
  if (!isDone) return undefined;
  const message = inflate(payload);
  if (message === undefined) return "fault 1007";
  if (message.length > maxMessage) return "fault 1009";
  if (isText && !isUtf8(message, true)) return "fault 1007";
  return isText ? `text ${text(message)}` : `binary ${message}`;
}

function inflate(payload: Uint8Array): Uint8Array | undefined {
  try {
    const whole = concat(payload, Uint8Array.of(0, 0, 255, 255));
    return new Uint8Array(inflateRawSync(whole, { finishFlush: 2 }));
  } catch {
    return undefined;
  }
}

function isUtf8(bytes: Uint8Array, isDone: boolean): boolean {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    decoder.decode(bytes, { stream: !isDone });
    return true;
  } catch {
    return false;
  }
}

/** What the text protocol makes of bytes. */
export function textSays(bytes: Uint8Array, maxMessage: number): string[] {
  const lines: string[] = [];
  const latin1 = [...bytes].map((byte) => String.fromCharCode(byte)).join("");
  const pieces = latin1.split("\n");
  const rest = pieces.pop() ?? "";
  for (const piece of pieces) {
    const line = piece.endsWith("\r") ? piece.slice(0, -1) : piece;
    if (line.length > maxMessage) return [...lines, "fault 1009"];
    lines.push(line);
  }
  return rest.length > maxMessage + 1 ? [...lines, "fault 1009"] : lines;
}

/** What the frame protocol makes of bytes. */
export function frameSays(bytes: Uint8Array, maxMessage: number): string[] {
  const lines: string[] = [];
  let rest = bytes;
  while (rest.length >= 4) {
    const size = new DataView(rest.slice(0, 4).buffer).getUint32(0);
    if (size < 4) return [...lines, "fault 1002"];
    if (size - 4 > maxMessage) return [...lines, "fault 1009"];
    if (rest.length < size) return lines;
    lines.push(String.fromCharCode(...rest.slice(4, size)));
    rest = rest.slice(size);
  }
  return lines;
}
