import { isUtf8 } from "node:buffer";
import { PhpCommand, PhpFlag, type PhpPacket } from "../../php/packet.ts";
import { Flag } from "../../wire/frame.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { FanOut, OutgoingMessage } from "../commands/fan_out.ts";
import { hasMessage, messageOf } from "./php_message.ts";
import type { PhpSessions } from "./php_sessions.ts";
import {
  idsOf,
  jsonFrom,
  keyIdsOf,
  keyOf,
  nameFrom,
  valuesOf,
} from "./php_text.ts";

/** What a client is told that PHP closes: nothing, as the original says nothing. */
const CLOSED_BY_PHP = { code: 1000, reason: "" };

/** What {@linkcode PhpCommands} work with. */
export interface PhpCommandsParts {
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Their sessions. */
  readonly sessions: PhpSessions;
}

/** The commands of the original that want no answer. */
export class PhpCommands {
  readonly #table: ClientTable;
  readonly #fanOut: FanOut;
  readonly #sessions: PhpSessions;

  /** Creates the commands of one gateway. */
  constructor({ table, fanOut, sessions }: PhpCommandsParts) {
    this.#table = table;
    this.#fanOut = fanOut;
    this.#sessions = sessions;
  }

  /**
   * Does what a packet asks for; a client that is not there is no error.
   *
   * @returns Whether it is one of these commands.
   * @throws {TypeError} If it cannot be done as it is asked for.
   * @throws {RangeError} If something is too long.
   * @throws {ProtocolError} If something in it is no serialized value.
   */
  run(packet: PhpPacket): boolean {
    const { command, connectionId, extra } = packet;
    switch (command) {
      case PhpCommand.SendToOne:
        this.#send([this.#table.get(connectionId)], packet);
        return true;
      case PhpCommand.SendToAll:
        this.#sendToAll(packet);
        return true;
      case PhpCommand.SendToUid:
        this.#sendToUid(packet);
        return true;
      case PhpCommand.SendToGroup:
        this.#sendToGroup(packet);
        return true;
      case PhpCommand.Ungroup:
        this.#table.ungroup(nameFrom(extra));
        return true;
      default: {
        const act = this.#clientCommand(packet);
        if (act === undefined) return false;
        const client = this.#table.get(connectionId);
        if (client !== undefined) act(client);
        return true;
      }
    }
  }

  /** What a command does to the client that it means. */
  #clientCommand(
    packet: PhpPacket,
  ): ((client: Client) => void) | undefined {
    const { command, extra } = packet;
    const table = this.#table;
    switch (command) {
      case PhpCommand.Kick:
        return (client) => this.#kick(client, packet);
      case PhpCommand.Destroy:
        return (client) => client.connection?.destroy();
      case PhpCommand.UpdateSession:
        return (client) => this.#sessions.merge(client, extra);
      case PhpCommand.SetSession:
        return (client) => this.#sessions.replace(client, extra);
      case PhpCommand.BindUid:
        return (client) => this.#bindUid(client, nameFrom(extra));
      case PhpCommand.UnbindUid:
        return (client) => table.unbindUid(client);
      case PhpCommand.JoinGroup:
        return (client) => table.joinGroup(client, nameFrom(extra));
      case PhpCommand.LeaveGroup:
        return (client) => table.leaveGroup(client, nameFrom(extra));
      default:
        return undefined;
    }
  }

  /** Who was replaced by a later login gets no uid any more, as with our own calls. */
  #bindUid(client: Client, uid: string): void {
    if (!this.#table.isReplaced(client)) this.#table.bindUid(client, uid);
  }

  #kick(client: Client, packet: PhpPacket): void {
    if (hasMessage(packet)) this.#send([client], packet);
    client.connection?.close(CLOSED_BY_PHP);
  }

  /** To everybody, to the values of `connections`, or to all but the keys of `exclude`. */
  #sendToAll(packet: PhpPacket): void {
    const said = jsonFrom(packet.extra);
    const { connections, exclude } = asRecord(said);
    if (connections === undefined || connections === null) {
      return this.#send(this.#table.all(), packet, keyIdsOf(exclude));
    }
    const clients = idsOf(connections).map((id) => this.#table.get(id));
    this.#send(clients, packet);
  }

  /** A uid that is listed twice gets the message twice. */
  #sendToUid(packet: PhpPacket): void {
    const uids = valuesOf(jsonFrom(packet.extra)).map(keyOf);
    const clients = uids.flatMap((uid) =>
      uid === undefined ? [] : [...this.#table.withUid(uid)]
    );
    this.#send(clients, packet);
  }

  /** Who is in two of the groups gets the message twice. */
  #sendToGroup(packet: PhpPacket): void {
    const { group, exclude } = asRecord(jsonFrom(packet.extra));
    const groups = valuesOf(group).map(keyOf);
    const clients = groups.flatMap((name) =>
      name === undefined ? [] : [...this.#table.inGroup(name)]
    );
    this.#send(clients, packet, keyIdsOf(exclude));
  }

  /** Text leaves as text, other bytes as a binary message, which a browser needs. */
  #send(
    clients: Iterable<Client | undefined>,
    packet: PhpPacket,
    exclude?: OutgoingMessage["exclude"],
  ): void {
    const message = messageOf(packet);
    const isRaw = (packet.flags & PhpFlag.Raw) !== 0;
    const kind = isUtf8(message) ? 0 : Flag.Binary;
    const flags = isRaw ? Flag.Raw : kind;
    this.#fanOut.send(clients, { payload: message.slice(), flags, exclude });
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null
    ? value as Readonly<Record<string, unknown>>
    : {};
}
