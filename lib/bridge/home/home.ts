import type { Link } from "../../link/link.ts";
import type { LinkOwner } from "../../link/link_owner.ts";
import { KNOWS_CLAIMS, KNOWS_ORIGINS } from "../../link/link_version.ts";
import type { GatewayLinks } from "../../cluster/gateway_links.ts";
import type { LinkedGateway } from "../../cluster/linked_gateway.ts";
import { LinkFullError } from "../../base/errors.ts";
import {
  type DeliveredNumbers,
  type DeliveryHead,
  DeliveryWriter,
} from "../../wire/bodies/delivery.ts";
import { Command } from "../../wire/command.ts";
import { FrameHeader, HEADER_LENGTH, readHeader } from "../../wire/frame.ts";

/** Which gateways a command is for. */
export interface HomeTarget {
  /** What it is about, as interest has it; a gateway that has none of it is left out. */
  readonly names: readonly string[];
  /** Only the gateway whose clients' ids begin so; all if absent. */
  readonly gateway?: string | undefined;
}

/** A whole frame, `buffer[start, end)`, with its numbers. */
export interface NumberedFrame extends DeliveredNumbers {
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A question to gateways of this cell. */
export interface HomeQuestion {
  /** Milliseconds to wait for each part. */
  readonly timeout: number;
  /** A gateway has said something. */
  onPart(gatewayId: string, part: unknown): void;
  /** All have answered, or will not: who did not. */
  onEnd(silent: readonly string[]): void;
}

/** Largest stamp; then they begin again at 1. */
const MAX_STAMP = 0xffff_ffff;

/** Version of the link protocol from which on gateways know deliveries and stamps. */
const KNOWS_DELIVERIES = KNOWS_CLAIMS;

/** A delivery is written when it has become so long. */
const LONG_DELIVERY = 262_144;

/** Hot: the gateways of a bridge's own cell, as it delivers to them. */
export class Home {
  readonly #gateways: GatewayLinks;
  readonly #writers = new WeakMap<LinkedGateway, DeliveryWriter>();
  readonly #begun: [LinkedGateway, DeliveryWriter][] = [];
  /** Counts what is sent, as every sender does. */
  #stamp = 0;
  #head: DeliveryHead = { stream: "", deliverer: 0, numberer: 0 };
  /** Frames that no gateway was given, since too much waited for it. */
  refused = 0;

  /** @param gateways The links. */
  constructor(gateways: GatewayLinks) {
    this.#gateways = gateways;
  }

  /** Whether all gateways of the cell are linked, as far as is known. */
  get isWhole(): boolean {
    return this.#gateways.isKnown &&
      this.#gateways.missing(() => true).length === 0;
  }

  /** Says, later, whether what was delivered up to now has left. */
  delivered(): () => boolean {
    const marks = Array.from(
      this.#gateways.all(),
      ({ link }) => ({ link, bytes: link.log.appendedBytes }),
    ).filter(({ link }) => !link.isFlushed);
    return () =>
      marks.every(({ link, bytes }) =>
        link.log.writtenBytes >= bytes || !link.isOpen || link.isStalled
      );
  }

  /** Whether nobody here has a name, as all gateways said. */
  hasNobody(name: string): boolean {
    for (const { absent } of this.#gateways.all()) {
      if (!absent.hasAll([name])) return false;
    }
    return this.isWhole;
  }

  /** Begins to deliver frames of one stream; {@linkcode Home.flush} ends it. */
  begin(head: DeliveryHead): void {
    this.#head = head;
  }

  /** Delivers a command that wants no answer; returns to how many gateways. */
  deliver(target: HomeTarget, frame: NumberedFrame): number {
    this.#nextStamp();
    let count = 0;
    for (const gateway of this.#gateways.all()) {
      if (!isMeant(gateway, target)) continue;
      if (this.#append(gateway, 0, frame)) count++;
    }
    return count;
  }

  /** Delivers a command that wants an answer; returns to how many gateways. */
  ask(
    target: HomeTarget,
    frame: NumberedFrame,
    { timeout, onPart, onEnd }: HomeQuestion,
  ): number {
    this.#nextStamp();
    const silent = this.#gateways.missing((gatewayId) =>
      target.gateway === undefined || target.gateway === gatewayId
    );
    const waiting: Promise<unknown>[] = [];
    for (const gateway of this.#gateways.all()) {
      if (!isMeant(gateway, target)) continue;
      const { link, gatewayId, address } = gateway;
      const { id, reply } = link.pending.add(
        timeout,
        (part) => onPart(gatewayId, part),
      );
      if (!this.#append(gateway, id, frame)) {
        link.pending.fail(id, new LinkFullError(address, 0));
      }
      waiting.push(reply.catch(() => void silent.push(address)));
    }
    void Promise.all(waiting).then(() => onEnd(silent));
    return waiting.length;
  }

  /** Hands what was delivered to the links. */
  flush(): void {
    for (const [{ link }, writer] of this.#begun) {
      if (!writer.isEmpty && link.isOpen) {
        link.send(commandFor(link), 0, 0, writer.take());
      }
    }
    this.#begun.length = 0;
  }

  #nextStamp(): void {
    this.#stamp = this.#stamp >= MAX_STAMP ? 1 : this.#stamp + 1;
  }

  #append(
    gateway: LinkedGateway,
    id: number,
    frame: NumberedFrame,
  ): boolean {
    const { buffer, start, end } = frame;
    if (!gateway.link.isOpen) return false;
    if (gateway.link.isFull) {
      this.refused++;
      this.#gateways.refuse(gateway);
      return false;
    }
    const stamp = isStamped(buffer[start + 4]) ? this.#stamp : undefined;
    if (gateway.link.peer.version < KNOWS_DELIVERIES) {
      sendPlain(gateway.link, id, frame);
      return true;
    }
    let writer = this.#writers.get(gateway);
    if (writer === undefined) {
      const hasOrigins = gateway.link.peer.version >= KNOWS_ORIGINS;
      this.#writers.set(gateway, writer = new DeliveryWriter(hasOrigins));
    }
    if (writer.length > LONG_DELIVERY) {
      const { link } = gateway;
      link.send(commandFor(link), 0, 0, writer.take());
      writer.begin(this.#head);
    } else if (writer.isEmpty) {
      writer.begin(this.#head);
      this.#begun.push([gateway, writer]);
    }
    writer.append(frame, id, stamp, buffer, start, end);
    return true;
  }
}

/** How a gateway is handed a delivery. */
function commandFor({ peer: { version } }: Link): Command {
  return version < KNOWS_ORIGINS ? Command.Deliver : Command.DeliverOnce;
}

function isMeant(
  { gatewayId, absent }: LinkedGateway,
  { names, gateway }: HomeTarget,
): boolean {
  if (gateway !== undefined) return gatewayId === gateway;
  return !absent.hasAll(names);
}

/** Whether a command has a stamp where others have a client. */
function isStamped(command: number | undefined): boolean {
  return command === Command.SendToUid || command === Command.SendToGroup ||
    command === Command.SendToAll;
}

/** A gateway of before does not know deliveries: it may do twice what comes twice. */
function sendPlain(
  link: Link,
  id: number,
  { buffer, start, end }: NumberedFrame,
): void {
  const header = new FrameHeader();
  readHeader(new DataView(buffer.buffer, buffer.byteOffset), start, header);
  const { command, connectionId, flags } = header;
  const client = isStamped(command) ? 0 : connectionId;
  const body = buffer.subarray(start + HEADER_LENGTH, end);
  link.send(command, client, id, body, flags);
}

/** What a bridge does with frames of a gateway that are no replies: nothing. */
export function bridgeOwner(onWritten: () => void): LinkOwner {
  return { onFrame: () => {}, onClosed: () => {}, onWritten };
}
