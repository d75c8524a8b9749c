/**
 * Hot: commands from workers and outside programs, a line each.
 *
 * @module
 */
import { messageOf, ProtocolError } from "../base/errors.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { decodeMap, encodeBody, textField } from "../link/body.ts";
import { Command } from "../link/command.ts";
import { Flag, type FrameHeader } from "../link/frame.ts";
import type { Link } from "../link/link.ts";
import { decodeTarget } from "../link/target.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";
import type { FanOut } from "./fan_out.ts";
import type { SessionStore } from "./session_store.ts";
import type { WorkerLink } from "./worker_link.ts";

const logger = roomLogger("gateway");

/** One command, taken apart. Bytes are valid during the call only. */
interface Call {
  readonly link: WorkerLink;
  readonly header: FrameHeader;
  readonly head: Uint8Array;
  readonly buffer: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const NOTHING = new Uint8Array(0);

/** Does what a command asks for, and replies if it asks for that. */
export class Dispatcher {
  readonly #table: ClientTable;
  readonly #fanOut: FanOut;
  readonly #sessions: SessionStore;
  readonly #limited = new RateLimitedLog();

  /** Creates the dispatcher of one gateway. */
  constructor(table: ClientTable, fanOut: FanOut, sessions: SessionStore) {
    this.#table = table;
    this.#fanOut = fanOut;
    this.#sessions = sessions;
  }

  /** A command came: `buffer[start, end)` is its body. */
  onCommand(
    link: WorkerLink,
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    let head: Uint8Array = NOTHING;
    if ((header.flags & Flag.Head) !== 0) {
      const length = headLength(buffer, start, end);
      head = buffer.subarray(start + 4, start + 4 + length);
      start += 4 + length;
    }
    const { number } = header;
    try {
      const result = this.#dispatch({ link, header, head, buffer, start, end });
      if (number !== 0) reply(link.link, number, result);
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (number === 0) return this.#warn(link, header.command, error);
      reply(link.link, number, messageOf(error), Flag.Failed);
    }
  }

  #warn(link: WorkerLink, command: number, error: unknown): void {
    const reason = messageOf(error);
    const { address } = link.link.peer;
    this.#limited.once(`${address} ${reason}`, (suppressed) => {
      logger.warn(
        "Ignored command {command} of {peer}: {reason} ({suppressed} like this before)",
        { command, peer: address, reason, suppressed },
      );
    });
  }

  #dispatch(call: Call): unknown {
    switch (call.header.command) {
      case Command.SendToOne:
        return this.#sendToOne(call);
      case Command.SendToAll:
        return this.#sendToAll(call);
      case Command.SendToUid:
        return this.#sendToUid(call);
      case Command.SendToGroup:
        return this.#sendToGroup(call);
      case Command.CloseClient:
        return this.#closeClient(call);
      case Command.DestroyClient:
        return this.#withClient(call, (client) => client.connection?.destroy());
      case Command.IsOnline:
        return this.#withClient(call, () => {});
      case Command.BindUid:
        return this.#withClient(
          call,
          (client) => this.#table.bindUid(client, textOf(call)),
        );
      case Command.UnbindUid:
        return this.#withClient(
          call,
          (client) => this.#table.unbindUid(client),
        );
      case Command.JoinGroup:
        return this.#withClient(
          call,
          (client) => this.#table.joinGroup(client, textOf(call)),
        );
      case Command.LeaveGroup:
        return this.#withClient(
          call,
          (client) => this.#table.leaveGroup(client, textOf(call)),
        );
      case Command.GetSession:
        return this.#sessions.get(this.#table.get(call.header.connectionId));
      case Command.SetSession:
        return this.#withClient(
          call,
          (client) => this.#sessions.replace(client, call.head),
        );
      case Command.UpdateSession:
        return this.#withClient(
          call,
          (client) => this.#sessions.merge(client, call.head),
        );
      case Command.SaveSession:
        return this.#saveSession(call);
      default:
        throw new TypeError(
          `Cannot do command ${call.header.command}: this gateway does not know it`,
        );
    }
  }

  #sendToOne({ header, buffer, start, end }: Call): number {
    const client = this.#table.get(header.connectionId);
    if (client?.connection === undefined) return 0;
    return this.#fanOut.sendToOne(client, buffer, start, end, header.flags);
  }

  #sendToAll({ header, head, buffer, start, end }: Call): number {
    const payload = buffer.slice(start, end);
    const { connections, exclude } = head.length > 0 ? decodeTarget(head) : {};
    const clients = connections === undefined
      ? this.#table.all()
      : connections.map((id) => this.#table.get(id));
    return this.#fanOut.send(clients, payload, header.flags, exclude);
  }

  #sendToUid({ header, head, buffer, start, end }: Call): number {
    const { uids = [], exclude } = decodeTarget(head);
    const sets = uids.map((uid) => this.#table.withUid(uid));
    return this.#fanOut.sendToSets(
      sets,
      buffer.slice(start, end),
      header.flags,
      exclude,
    );
  }

  #sendToGroup({ header, head, buffer, start, end }: Call): number {
    const { groups = [], exclude } = decodeTarget(head);
    const sets = groups.map((group) => this.#table.inGroup(group));
    return this.#fanOut.sendToSets(
      sets,
      buffer.slice(start, end),
      header.flags,
      exclude,
    );
  }

  #closeClient(call: Call): boolean {
    const { head, header, buffer, start, end } = call;
    const body = head.length > 0 ? decodeMap(head) : {};
    return this.#withClient(call, (client) => {
      if (body["message"] === true) {
        this.#fanOut.sendToOne(client, buffer, start, end, header.flags);
      }
      const code = Number(body["code"] ?? 1000);
      client.connection?.close({
        code,
        reason: textField(body, "reason") ?? "",
      });
    });
  }

  #saveSession(call: Call): boolean {
    return this.#withClient(
      call,
      (client) => this.#sessions.save(client, call.head, call.link),
    );
  }

  #withClient(
    { header }: Call,
    act: (client: Client) => void,
  ): boolean {
    const client = this.#table.get(header.connectionId);
    if (client === undefined) return false;
    act(client);
    return true;
  }
}

const decoder = new TextDecoder();

function headLength(buffer: Uint8Array, start: number, end: number): number {
  const length = end - start < 4
    ? Infinity
    : new DataView(buffer.buffer, buffer.byteOffset + start).getUint32(0);
  if (length <= end - start - 4) return length;
  throw new ProtocolError("Cannot read command: its head is cut off");
}

function textOf({ buffer, start, end }: Call): string {
  return decoder.decode(buffer.subarray(start, end));
}

function reply(link: Link, number: number, value: unknown, flags = 0): void {
  link.send(Command.Reply, 0, number, encodeBody(value), flags);
}
