/**
 * Shows frames of some clients to whoever administers the cluster. While nobody taps,
 * {@linkcode Taps.isOn} is all that is looked at.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import { roomLogger } from "../../observe/logger.ts";
import type { TapReport } from "../../observe/tap_report.ts";
import { decodeMap } from "../../wire/body.ts";
import { formatClientId } from "../../wire/bodies/client_id.ts";
import {
  decodeTapOrder,
  encodeTapRow,
  leftOutRow,
  type TapOrder,
  type TapRow,
} from "../../wire/bodies/tap.ts";
import {
  Letter,
  NO_ANSWER_ID,
  readTyped,
} from "../../wire/bodies/typed_frame.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import type { Client } from "../clients/client.ts";
import type { Route } from "../workers/route.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import { shapeOfJson } from "./json_shape.ts";

const logger = roomLogger("gateway");

/** Most taps of a gateway, and most frames a second that all of them show. */
export const [MAX_TAPS, MAX_SHOWN]: readonly [number, number] = [8, 1_000];

/** Bytes that may wait for whoever taps; with more, frames are left out. */
const MAX_WAITING = 262_144;

/** Bytes of a frame that are shown. */
const MAX_PAYLOAD = 1_024;

/** What an event is called that is no message. */
const EVENTS: Readonly<Record<number, string>> = {
  [Command.Connect]: "connect",
  [Command.Away]: "away",
  [Command.Back]: "back",
  [Command.Close]: "close",
};

const decoder = new TextDecoder();

/** One tap. */
interface Tap {
  order: TapOrder;
  names: Set<string>;
  readonly since: number;
  /** The second that is counted, and what was shown in it. */
  second: number;
  inSecond: number;
  shown: number;
  /** Frames left out since the last one that was shown, and in all. */
  left: number;
  leftOut: number;
}

/** What of a frame is told. */
interface Seen {
  readonly way: TapRow["way"];
  readonly kind: string;
  readonly name?: string | undefined;
  readonly bytes: number;
  readonly binary?: boolean;
  /** What it says. */
  readonly content?: Uint8Array | undefined;
}

/** The taps of one gateway. */
export class Taps {
  readonly #gatewayId: string;
  readonly #find: (connectionId: number) => Client | undefined;
  readonly #taps = new Map<WorkerLink, Tap>();
  #second = 0;
  #inSecond = 0;
  /** Hot: whether anybody taps. */
  isOn = false;

  /**
   * @param gatewayId What its clients' ids begin with.
   * @param find Finds a client, also one that has just gone.
   */
  constructor(
    gatewayId: string,
    find: (connectionId: number) => Client | undefined,
  ) {
    this.#gatewayId = gatewayId;
    this.#find = find;
  }

  /** Who taps what. */
  get reports(): TapReport[] {
    return Array.from(this.#taps.values(), (tap) => ({
      what: whatOf(tap.order),
      by: tap.order.by,
      payload: tap.order.payload,
      seconds: Math.round((now() - tap.since) / 1000),
      shown: tap.shown,
      leftOut: tap.leftOut,
    }));
  }

  /**
   * Begins a tap that lasts as long as its link, or changes it.
   *
   * @param head The order.
   * @returns Whether it is a new one.
   * @throws {TypeError} If that is no order, or of no program.
   * @throws {RangeError} If there are too many.
   */
  begin(link: WorkerLink, head: Uint8Array): boolean {
    if (link.link.peer.role !== "client") {
      throw new TypeError("Cannot tap as only programs may, and no nodes");
    }
    const order = decodeTapOrder(head);
    const names = new Set(order.names);
    const known = this.#taps.get(link);
    if (known !== undefined) {
      known.order = { ...known.order, names: order.names };
      known.names = names;
      return false;
    }
    if (this.#taps.size >= MAX_TAPS) {
      throw new RangeError(
        `Cannot tap as a gateway has at most ${MAX_TAPS} taps: it has as many`,
      );
    }
    this.#taps.set(link, {
      order,
      names,
      since: now(),
      second: 0,
      inSecond: 0,
      shown: 0,
      left: 0,
      leftOut: 0,
    });
    this.isOn = true;
    logger.warn("{by} taps {what} from now on, {how}", {
      by: order.by,
      what: whatOf(order),
      how: order.payload
        ? "and is shown what frames say"
        : "and is shown sizes, types and keys, not what frames say",
    });
    return true;
  }

  /** A link is gone, and its tap with it. */
  forget(link: WorkerLink): void {
    const tap = this.#taps.get(link);
    if (tap === undefined) return;
    this.#taps.delete(link);
    this.isOn = this.#taps.size > 0;
    const { order, shown, leftOut } = tap;
    logger.warn(
      "{by} taps {what} no more: {shown} frames were shown, {leftOut} left out",
      { by: order.by, what: whatOf(order), shown, leftOut },
    );
  }

  /** Says what was left out, where no frame has come since that says so. */
  sweep(): void {
    for (const [link, tap] of this.#taps) {
      if (tap.left === 0 || !this.#mayShow(link, tap)) continue;
      const row = leftOutRow(tap.left);
      tap.left = 0;
      link.link.send(Command.TapRow, 0, 0, encodeTapRow(row));
    }
  }

  /** A client has sent a message. */
  onMessage(
    { connectionId }: Route,
    flags: number,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#see(this.#find(connectionId), () => ({
      way: "in",
      kind: "message",
      bytes: end - start,
      binary: (flags & Flag.Binary) !== 0,
      content: buffer.subarray(start, end),
    }));
  }

  /** A client has sent a typed frame. */
  onTyped(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    this.#see(client, () => typedFrame("in", buffer, start, end));
  }

  /** Something has happened to a client. */
  onEvent(
    { connectionId }: Route,
    command: number,
    payload: Uint8Array,
  ): void {
    this.#see(this.#find(connectionId), () => {
      const hasCode = command === Command.Close || command === Command.Away;
      const { code } = hasCode ? decodeMap(payload) : {};
      return {
        way: "in",
        kind: EVENTS[command] ?? "event",
        name: code === undefined ? undefined : String(code),
        bytes: payload.length,
      };
    });
  }

  /** A client is sent `buffer[start, end)`. */
  onSent(
    client: Client,
    buffer: Uint8Array,
    start: number,
    end: number,
    flags: number,
  ): void {
    this.#see(client, () => {
      if ((flags & Flag.Typed) !== 0) {
        return typedFrame("out", buffer, start, end);
      }
      return {
        way: "out",
        kind: (flags & Flag.Raw) !== 0 ? "raw" : "message",
        bytes: end - start,
        binary: (flags & Flag.Binary) !== 0,
        content: buffer.subarray(start, end),
      };
    });
  }

  /** Shows a frame to all who tap its client, as far as they may see so many. */
  #see(client: Client | undefined, see: () => Seen): void {
    if (client === undefined) return;
    let seen: Seen | undefined;
    for (const [link, tap] of this.#taps) {
      if (!this.#means(tap, client)) continue;
      if (!this.#mayShow(link, tap)) {
        tap.left++;
        tap.leftOut++;
        continue;
      }
      seen ??= see();
      const row = this.#row(tap, client, seen);
      tap.left = 0;
      tap.shown++;
      link.link.send(Command.TapRow, 0, 0, encodeTapRow(row));
    }
  }

  #means({ order: { subject }, names }: Tap, client: Client): boolean {
    if (subject === "uid") {
      return client.uid !== undefined && names.has(client.uid);
    }
    if (subject === "group") {
      const { groups } = client;
      if (groups === undefined) return false;
      for (const name of names) if (groups.has(name)) return true;
      return false;
    }
    if (names.has(this.#idOf(client))) return true;
    const { previousId } = client;
    return previousId !== undefined && names.has(previousId);
  }

  /** Counts a frame, and says whether there is time and room for it. */
  #mayShow({ link }: WorkerLink, tap: Tap): boolean {
    const second = Math.floor(now() / 1000);
    if (second !== this.#second) this.#inSecond = 0;
    if (second !== tap.second) tap.inSecond = 0;
    this.#second = tap.second = second;
    const isFull = link.log.pendingBytes > MAX_WAITING;
    const isFast = tap.inSecond >= tap.order.rate ||
      this.#inSecond >= MAX_SHOWN;
    if (isFull || isFast) return false;
    tap.inSecond++;
    this.#inSecond++;
    return true;
  }

  #row(
    { order, left }: Tap,
    client: Client,
    { content, binary, way, kind, name, bytes }: Seen,
  ): TapRow {
    const shape = content && shapeOfJson(content);
    return {
      // For people to read.
      time: Date.now(),
      way,
      client: this.#idOf(client),
      kind,
      bytes,
      ...(client.uid !== undefined && { uid: client.uid }),
      ...(name !== undefined && { name }),
      ...(binary && { binary }),
      ...(shape !== undefined && { shape }),
      ...(order.payload && content && {
        payload: textOf(content, binary === true),
      }),
      ...(left > 0 && { left }),
    };
  }

  #idOf({ connectionId }: Client): string {
    return formatClientId(this.#gatewayId, connectionId);
  }
}

function whatOf({ subject, names }: TapOrder): string {
  return `${subject} ${JSON.stringify(names.at(-1))}`;
}

/** What a typed frame is called. */
function typedFrame(
  way: TapRow["way"],
  buffer: Uint8Array,
  start: number,
  end: number,
): Seen {
  const { id, name, body } = readTyped(buffer, start, end);
  return {
    way,
    kind: kindOf(buffer[start] as number, id),
    name: name === "" ? undefined : name,
    bytes: end - start,
    binary: buffer[start] === Letter.BinaryReply,
    content: buffer.subarray(body, end),
  };
}

function kindOf(letter: number, id: string): string {
  switch (letter) {
    case Letter.Request:
      return id === NO_ANSWER_ID ? "event" : "request";
    case Letter.Reply:
    case Letter.BinaryReply:
      return "answer";
    case Letter.Failure:
      return "failure";
    case Letter.Part:
      return "part";
    default:
      return "cancel";
  }
}

function textOf(content: Uint8Array, binary: boolean): string {
  const some = content.subarray(0, MAX_PAYLOAD);
  const cut = some.length < content.length ? "…" : "";
  return (binary ? some.toBase64() : decoder.decode(some)) + cut;
}
