/**
 * The packets of the original GatewayWorker, 28 bytes of header each:
 *
 * | offset | size | field                                          |
 * | -----: | ---: | ---------------------------------------------- |
 * |      0 |    4 | length of the whole packet                     |
 * |      4 |    1 | command                                        |
 * |      5 |    4 | IPv4 address of the gateway                    |
 * |      9 |    2 | its port for workers                           |
 * |     11 |    4 | IPv4 address of the client; 0 if it has none   |
 * |     15 |    2 | its port                                       |
 * |     17 |    4 | its connection id                              |
 * |     21 |    1 | flags                                          |
 * |     22 |    2 | port that it came to                           |
 * |     24 |    4 | length of the extra data                       |
 *
 * Then the extra data, and the body to the end. All integers are unsigned and big-endian.
 *
 * @module
 */
import { NO_BYTES } from "../base/no_bytes.ts";

/** Bytes of a packet's header. */
export const PACKET_HEADER = 28;

/** Largest packet of the original, which drops the connection for any longer one. */
export const MAX_PACKET: number = 10 * 1024 * 1024;

/** What a packet says or asks for, by the original's numbers. */
export const PhpCommand = {
  OnConnect: 1,
  OnMessage: 3,
  OnClose: 4,
  SendToOne: 5,
  SendToAll: 6,
  Kick: 7,
  Destroy: 8,
  UpdateSession: 9,
  GetAllClientSessions: 10,
  IsOnline: 11,
  BindUid: 12,
  UnbindUid: 13,
  SendToUid: 14,
  GetClientIdByUid: 15,
  BatchGetClientIdByUid: 16,
  JoinGroup: 20,
  LeaveGroup: 21,
  SendToGroup: 22,
  GetClientSessionsByGroup: 23,
  GetClientCountByGroup: 24,
  Select: 25,
  GetGroupIdList: 26,
  Ungroup: 27,
  BatchGetClientCountByGroup: 28,
  WorkerConnect: 200,
  Ping: 201,
  GatewayClientConnect: 202,
  GetSessionByClientId: 203,
  SetSession: 204,
  OnWebSocketConnect: 205,
} as const;

/** Bits of a packet's flags. */
export const PhpFlag = {
  /** The body is a string as it is; otherwise it is a serialized value. */
  Scalar: 1,
  /** The body goes to the client's socket past the encoder of its protocol. */
  Raw: 2,
} as const;

/** A packet, taken apart. */
export interface PhpPacket {
  /** One of {@linkcode PhpCommand}, or a number that nobody knows. */
  readonly command: number;
  /** IPv4 address of the gateway, as a number. */
  readonly localIp: number;
  /** The gateway's port for workers. */
  readonly localPort: number;
  /** IPv4 address of the client, as a number; 0 if it has none. */
  readonly clientIp: number;
  /** Port of the client. */
  readonly clientPort: number;
  /** Number of the client at its gateway; 0 if none is meant. */
  readonly connectionId: number;
  /** Bits of {@linkcode PhpFlag}. */
  readonly flags: number;
  /** Port that the client came to. */
  readonly gatewayPort: number;
  /** What its command says it is. */
  readonly extra: Uint8Array;
  /** A string, or a serialized value. */
  readonly body: Uint8Array;
}

/** What a packet is made of: 0, or no bytes, is what is left out; the body is a string. */
export type PhpPacketFields =
  & Pick<PhpPacket, "command">
  & Partial<Omit<PhpPacket, "command">>;

/**
 * Writes a packet.
 *
 * @param fields What it says.
 * @throws {RangeError} If no peer would take it: it is longer than 10 MiB.
 */
export function encodePacket(
  fields: PhpPacketFields,
): Uint8Array<ArrayBuffer> {
  const { extra = NO_BYTES, body = NO_BYTES } = fields;
  const length = PACKET_HEADER + extra.length + body.length;
  if (length > MAX_PACKET) {
    throw new RangeError(
      `Cannot send to a PHP node as a packet must be at most ${MAX_PACKET} bytes: it is ${length}`,
    );
  }
  const packet = new Uint8Array(length);
  const view = new DataView(packet.buffer);
  view.setUint32(0, length);
  view.setUint8(4, fields.command);
  view.setUint32(5, fields.localIp ?? 0);
  view.setUint16(9, fields.localPort ?? 0);
  view.setUint32(11, fields.clientIp ?? 0);
  view.setUint16(15, fields.clientPort ?? 0);
  view.setUint32(17, fields.connectionId ?? 0);
  view.setUint8(21, fields.flags ?? PhpFlag.Scalar);
  view.setUint16(22, fields.gatewayPort ?? 0);
  view.setUint32(24, extra.length);
  packet.set(extra, PACKET_HEADER);
  packet.set(body, PACKET_HEADER + extra.length);
  return packet;
}

/**
 * Takes a whole packet apart.
 *
 * @param packet Its bytes; extra data and body are parts of them.
 * @returns The packet; `undefined` if its extra data ends behind it.
 */
export function decodePacket(packet: Uint8Array): PhpPacket | undefined {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const bodyAt = PACKET_HEADER + view.getUint32(24);
  if (bodyAt > packet.length) return undefined;
  return {
    command: view.getUint8(4),
    localIp: view.getUint32(5),
    localPort: view.getUint16(9),
    clientIp: view.getUint32(11),
    clientPort: view.getUint16(15),
    connectionId: view.getUint32(17),
    flags: view.getUint8(21),
    gatewayPort: view.getUint16(22),
    extra: packet.subarray(PACKET_HEADER, bodyAt),
    body: packet.subarray(bodyAt),
  };
}

/** Returns an IPv4 address as packets have it; 0 for any other host. */
export function ipNumber(host: string): number {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(host);
  const bytes = (parts ?? []).slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return 0;
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

/** Returns the text of an address from a packet. */
export function ipText(address: number): string {
  return [24, 16, 8, 0].map((bits) => address >>> bits & 255).join(".");
}
