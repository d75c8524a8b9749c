/**
 * What a tap is told of frames between a gateway and its clients: `Tap` and `TapRow`.
 *
 * @module
 */
import { type BodyMap, decodeMap, encodeBody } from "../body.ts";

/** What is tapped. */
export type TapSubject = "uid" | "client" | "group";

/** What somebody wants to see. */
export interface TapOrder {
  /** What is tapped. */
  readonly subject: TapSubject;
  /** The uid, the group, or the ids that the client has had, the newest last. */
  readonly names: readonly string[];
  /** Whether what frames say is shown, and not only what they are like. */
  readonly payload: boolean;
  /** Most frames a second of one gateway. */
  readonly rate: number;
  /** Who wants it, as they say themselves. */
  readonly by: string;
}

/** A frame that was tapped. */
export interface TapRow {
  /** When, by the gateway's clock, in milliseconds since 1970. */
  readonly time: number;
  /** Whether the client has sent it, or gets it. */
  readonly way: "in" | "out";
  /** The client's id. */
  readonly client: string;
  /** Its uid, if it has one. */
  readonly uid?: string | undefined;
  /** What it is: `message`, `request`, `answer`, …, or what has happened: `connect`, `close`. */
  readonly kind: string;
  /** The name of a request or event, the code of an error or a close. */
  readonly name?: string | undefined;
  /** Bytes of the frame, as its program has it. */
  readonly bytes: number;
  /** Whether it is binary. */
  readonly binary?: boolean | undefined;
  /** Keys and types of its JSON. */
  readonly shape?: string | undefined;
  /** What it says, cut if it is long; base64 if it is binary. */
  readonly payload?: string | undefined;
  /** Frames that were not shown before this one. */
  readonly left?: number | undefined;
}

/** A row that only says how many frames were not shown. */
export function leftOutRow(left: number): TapRow {
  const time = Date.now();
  return { time, way: "out", client: "", kind: LEFT_OUT, bytes: 0, left };
}

/** The kind of such a row. */
export const LEFT_OUT = "left out";

const SUBJECTS = ["uid", "client", "group"] as const;

/** Most ids of a client that moves from gateway to gateway. */
export const MAX_TAP_NAMES = 64;

/** Most frames a second of one gateway that one tap shows. */
export const MAX_TAP_RATE = 1_000;

/** Longest name of who taps. */
const MAX_WHO = 256;

/** Encodes an order. */
export function encodeTapOrder(order: TapOrder): Uint8Array {
  return encodeBody(order);
}

/**
 * Decodes an order.
 *
 * @throws {TypeError} If it is none.
 */
export function decodeTapOrder(head: Uint8Array): TapOrder {
  return readTapOrder(decodeMap(head));
}

/**
 * Reads an order that came as an object, and checks it.
 *
 * @throws {TypeError} If it is none.
 */
export function readTapOrder(given: BodyMap): TapOrder {
  const { subject: about, names, payload, rate, by } = given;
  const subject = SUBJECTS.find((each) => each === about);
  if (subject === undefined) {
    throw new TypeError(
      `Cannot tap as it must be a uid, client or group: found ${
        JSON.stringify(about)
      }`,
    );
  }
  const isNames = Array.isArray(names) && names.length > 0 &&
    names.length <= MAX_TAP_NAMES &&
    names.every((name) => typeof name === "string" && name !== "");
  if (!isNames) {
    throw new TypeError(
      `Cannot tap a ${subject} as it must have a name that is not empty`,
    );
  }
  const isRate = typeof rate === "number" && rate >= 1 && rate <= MAX_TAP_RATE;
  if (!isRate) {
    throw new TypeError(
      `Cannot tap as the rate must be 1 to ${MAX_TAP_RATE} frames a second: found ${rate}`,
    );
  }
  const who = typeof by === "string" && by !== "" ? by : "somebody";
  return {
    subject,
    names,
    payload: payload === true,
    rate,
    by: who.slice(0, MAX_WHO),
  };
}

/** Encodes a row. */
export function encodeTapRow(row: TapRow): Uint8Array {
  return encodeBody(row);
}

/** Decodes a row of a gateway. */
export function decodeTapRow(body: Uint8Array): TapRow {
  return decodeMap(body) as unknown as TapRow;
}
