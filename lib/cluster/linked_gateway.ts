import { Link } from "../link/link.ts";
import type { LinkedPeer } from "../link/linked_peer.ts";
import type { LinkOwner } from "../link/link_owner.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { encodeBody } from "../wire/body.ts";
import { decodeName } from "../wire/bodies/name.ts";
import { Command } from "../wire/command.ts";
import type { FrameHeader } from "../wire/frame.ts";
import { AbsentNames } from "./absent_names.ts";
import { Outflow } from "./outflow.ts";

/** A gateway that is linked. */
export interface LinkedGateway {
  /** The connection. */
  readonly link: Link;
  /** The 12 hex digits that its clients' ids begin with. */
  readonly gatewayId: string;
  /** Its internal address, `host:port`. */
  readonly address: string;
  /** Differs for every start of its process. */
  readonly instance: string;
  /** What nobody there is interested in. */
  readonly absent: AbsentNames;
  /** What waits to leave for it. */
  readonly outflow: Outflow;
}

/** What is made of a connection to a gateway. */
export interface GatewayLinkOptions {
  /** What its clients' ids begin with. */
  readonly gatewayId: string;
  /** Who takes frames that are no replies; nobody if absent. */
  readonly owner: LinkOwner | undefined;
  /** Milliseconds that frames may wait for others; 0 for never. */
  readonly gatherWithin: number;
  /** Bytes that may wait to leave for it. */
  readonly linkBuffer: number;
  /** The link is gone. */
  onClosed(gateway: LinkedGateway, error: Error | undefined): void;
  /** Nobody there has a name. */
  onAbsent?: ((name: string) => void) | undefined;
  /**
   * Somebody there has a name now. What it returns is waited for before the gateway is
   * told that it was heard.
   */
  onPresent?: ((name: string) => Promise<unknown> | undefined) | undefined;
  /** A message is about to be appended; not there unless somebody traces. */
  beforeMessage?: ((link: Link) => void) | undefined;
}

/**
 * Makes the link of a connection to a gateway.
 *
 * @param conn The handshake is done on it.
 * @param peer The gateway.
 * @param options How to treat it.
 * @returns The gateway; nothing is read until its link is started.
 */
export function linkGateway(
  conn: ByteStream,
  peer: LinkedPeer,
  options: GatewayLinkOptions,
): LinkedGateway {
  const { gatewayId, owner, gatherWithin, linkBuffer, onClosed } = options;
  const { beforeMessage } = options;
  const { address, instance } = peer;
  const link: Link = new Link(conn, peer, {
    beforeMessage: beforeMessage && (() => beforeMessage(link)),
    onFrame: (header, buffer, start, end) => {
      if (hearInterest(gateway, header, buffer, start, end, options)) return;
      owner?.onFrame(header, buffer, start, end);
    },
    onClosed: (error) => {
      owner?.onClosed(error);
      outflow.close();
      onClosed(gateway, error);
    },
    beforeWrite: () => owner?.beforeWrite?.(),
    onWritten: () => {
      outflow.onWritten();
      owner?.onWritten?.();
    },
    onRead: () => owner?.onRead?.(),
  }, { keepFrames: true, gatherWithin, maxWaiting: linkBuffer });
  const outflow = new Outflow(link);
  const absent = new AbsentNames();
  const gateway = { link, gatewayId, address, instance, absent, outflow };
  return gateway;
}

/** Hot: takes the frames that say who is interested in what; returns whether it was one. */
function hearInterest(
  { absent, link }: LinkedGateway,
  { command, number }: FrameHeader,
  buffer: Uint8Array,
  start: number,
  end: number,
  { onAbsent, onPresent }: GatewayLinkOptions,
): boolean {
  if (command !== Command.Absent && command !== Command.Present) return false;
  // A view takes 50 ns, and every frame passes here.
  const name = decodeName(buffer.subarray(start, end));
  if (command === Command.Absent) {
    absent.add(name);
    onAbsent?.(name);
  } else {
    // No name is every name, of a bridge that forgets whom it told what. With a number
    // it means nothing: a gateway waits for what was sent to it before the answer.
    if (name !== "") absent.delete(name);
    else if (number === 0) absent.clear();
    const answer = () => link.send(Command.Reply, 0, number, NO_ANSWER);
    const told = onPresent?.(name);
    if (told === undefined) answer();
    else void told.then(() => link.isOpen && answer());
  }
  return true;
}

const NO_ANSWER = encodeBody(null);
