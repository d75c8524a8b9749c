import { messageOf } from "../../base/errors.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import {
  encodePacket,
  ipNumber,
  PhpCommand,
  PhpFlag,
  type PhpPacketFields,
} from "../../php/packet.ts";
import type { UpgradeRequest } from "../../transport/connection.ts";
import { decodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { PhpSessions } from "./php_sessions.ts";
import { webSocketRecord } from "./websocket_record.ts";

const logger = roomLogger("gateway");

/** What {@linkcode PhpEvents} are made from. */
export interface PhpEventsParts {
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Their sessions. */
  readonly sessions: PhpSessions;
  /** Where workers reach the gateway. */
  readonly lan: { readonly hostname: string; readonly port: number };
  /** Ports of the gateway's listeners, in their order. */
  readonly ports: () => readonly number[];
}

/** Writes the events of clients as packets of the original. */
export class PhpEvents {
  readonly #parts: PhpEventsParts;
  readonly #limited = new RateLimitedLog();

  /** Creates what writes the events of one gateway. */
  constructor(parts: PhpEventsParts) {
    this.#parts = parts;
  }

  /**
   * Writes one event, with the session as it is now. A client that comes by WebSocket is
   * two events to the original; what is longer than its packets is none.
   *
   * @param payload Of the event's frame; not kept.
   */
  packets(
    command: number,
    connectionId: number,
    payload: Uint8Array,
  ): Uint8Array[] {
    const client = this.#parts.table.find(connectionId);
    const fields = this.#fields(connectionId, client);
    switch (command) {
      case Command.Connect: {
        const connect = { ...fields, command: PhpCommand.OnConnect };
        return [connect, ...this.#upgrade(payload, fields)]
          .flatMap((packet) => this.#encode(packet));
      }
      case Command.Close:
        return this.#encode({ ...fields, command: PhpCommand.OnClose });
      default:
        return this.#encode({
          ...fields,
          command: PhpCommand.OnMessage,
          body: payload,
        });
    }
  }

  #fields(
    connectionId: number,
    client: Client | undefined,
  ): Omit<PhpPacketFields, "command"> {
    const { lan, ports, sessions } = this.#parts;
    const { host, port } = endOf(client?.remoteAddress ?? "");
    return {
      localIp: ipNumber(lan.hostname),
      localPort: lan.port,
      clientIp: ipNumber(host),
      clientPort: port,
      connectionId,
      gatewayPort: ports()[client?.listener ?? 0] ?? 0,
      extra: client === undefined ? NO_BYTES : sessions.of(client),
    };
  }

  #upgrade(
    payload: Uint8Array,
    fields: Omit<PhpPacketFields, "command">,
  ): PhpPacketFields[] {
    // The gateway itself made it; it is empty if the client speaks no WebSocket.
    const request = decodeBody(payload) as Partial<UpgradeRequest>;
    const { target, headers } = request;
    if (target === undefined || headers === undefined) return [];
    const client = this.#parts.table.find(fields.connectionId ?? 0);
    const body = webSocketRecord({ target, headers }, {
      remoteAddress: endOf(client?.remoteAddress ?? "").host,
      remotePort: fields.clientPort ?? 0,
      serverPort: fields.gatewayPort ?? 0,
    });
    const command = PhpCommand.OnWebSocketConnect;
    return [{ ...fields, command, flags: 0, body }];
  }

  #encode(fields: PhpPacketFields): Uint8Array[] {
    try {
      return [encodePacket({ flags: PhpFlag.Scalar, ...fields })];
    } catch (error) {
      this.#limited.once(messageOf(error), (suppressed) =>
        logger.error(
          "Lost an event on its way to a PHP worker: {reason} ({suppressed} like this before)",
          { reason: messageOf(error), suppressed },
        ));
      return [];
    }
  }
}

/** Takes `ip:port` apart; IPv6 stays in its brackets. */
function endOf(address: string): { host: string; port: number } {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at), port: Number(address.slice(at + 1)) };
}
