/**
 * Hot where compression is on: messages compressed one by one (RFC 7692).
 *
 * @module
 */
import type { DecodedFrame, OutputCodec } from "../../connection.ts";
import { type InflateQueue, inflateQueue } from "./inflate_queue.ts";
import type { DeflateAgreement, DeflateWish } from "./websocket_extension.ts";
import {
  decodeFrame,
  encodeFrame,
  Opcode,
  RSV1,
} from "../frames/websocket_frame.ts";
import type { InflateTools } from "./websocket_inflate.ts";
import { Deflater, inflateAlone, Inflater } from "./zlib_stream.ts";

/** How messages of a listener are compressed. */
export interface DeflateSettings extends DeflateWish {
  /** Messages below this many bytes are sent as they are. */
  readonly threshold: number;
  /** From 1, quick, to 9, small. */
  readonly level: number;
}

/** What the connections of one listener share when they compress. */
export class SharedDeflate {
  readonly #settings: DeflateSettings;
  readonly #codecs = new Map<number, DeflateCodec>();
  /** What the connections decompress with. */
  readonly tools: InflateTools;
  /** Messages compressed so far. */
  compressions = 0;

  /**
   * @param settings The listener's.
   * @param queue Where large messages wait; the process's if left out.
   */
  constructor(settings: DeflateSettings, queue: InflateQueue = inflateQueue) {
    this.#settings = settings;
    this.tools = { inflater: new Inflater(), queue };
  }

  /** What to agree to. */
  get wish(): DeflateWish {
    return this.#settings;
  }

  /** Begins what one connection agreed to. */
  open(agreement: DeflateAgreement): ConnectionDeflate {
    const { serverWindowBits: windowBits } = agreement;
    const codec = this.#codecs.get(windowBits) ??
      new DeflateCodec(this, { ...this.#settings, windowBits });
    this.#codecs.set(windowBits, codec);
    return new ConnectionDeflate(codec, agreement);
  }

  /** Frees what it holds. */
  close(): void {
    for (const codec of this.#codecs.values()) codec.close();
    this.tools.inflater.close();
  }
}

/**
 * Compresses messages that refer to nothing before them, so that the same bytes can
 * go to every client with such a window: one compression for a broadcast.
 */
class DeflateCodec implements OutputCodec {
  readonly #shared: SharedDeflate;
  readonly #deflater: Deflater;
  readonly settings: DeflateSettings;

  constructor(shared: SharedDeflate, settings: DeflateSettings) {
    this.#shared = shared;
    this.settings = settings;
    this.#deflater = new Deflater(settings);
  }

  encode(payload: Uint8Array, binary: boolean): Uint8Array {
    this.#deflater.reset();
    return this.frame(this.#deflater, payload, 0, payload.length, binary);
  }

  decode(frame: Uint8Array): DecodedFrame {
    const { payload, binary } = decodeFrame(frame);
    const isCompressed = ((frame[0] as number) & RSV1) !== 0;
    return { payload: isCompressed ? inflateAlone(payload) : payload, binary };
  }

  /** Encodes `source[start, end)` with a deflater, as it stands. */
  frame(
    deflater: Deflater,
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): Uint8Array {
    const opcode = binary ? Opcode.Binary : Opcode.Text;
    if (end - start < this.settings.threshold) {
      return encodeFrame(opcode, source.subarray(start, end));
    }
    this.#shared.compressions++;
    return encodeFrame(RSV1 | opcode, deflater.deflate(source, start, end));
  }

  close(): void {
    this.#deflater.close();
  }
}

/** What one client agreed to be sent, and the context that we keep. */
export class ConnectionDeflate {
  readonly #codec: DeflateCodec;
  readonly #agreement: DeflateAgreement;
  #deflater: Deflater | undefined;
  #isContextLost = false;

  /** Made by {@linkcode SharedDeflate}. */
  constructor(codec: DeflateCodec, agreement: DeflateAgreement) {
    this.#codec = codec;
    this.#agreement = agreement;
  }

  /** Encodes messages that stand alone, for this client and others. */
  get codec(): OutputCodec {
    return this.#codec;
  }

  /**
   * A frame of the shared codec is being sent. The client will have it as context,
   * and we have not: the next message of ours begins anew.
   */
  noteShared(): void {
    this.#isContextLost = true;
  }

  /** Encodes a message for this client alone, which must be sent next. */
  encode(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): Uint8Array {
    if (this.#agreement.serverNoContext) {
      return this.#codec.encode(source.subarray(start, end), binary);
    }
    const deflater = this.#deflater ??= new Deflater(this.#codec.settings);
    if (this.#isContextLost) deflater.reset();
    this.#isContextLost = false;
    return this.#codec.frame(deflater, source, start, end, binary);
  }

  /** Frees what it holds. */
  close(): void {
    this.#deflater?.close();
    this.#deflater = undefined;
  }
}
