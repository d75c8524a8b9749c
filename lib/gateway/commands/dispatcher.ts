/**
 * Hot: commands from workers and outside programs, a line each.
 *
 * @module
 */
import { NO_BYTES } from "../../base/no_bytes.ts";
import { ProtocolError } from "../../base/errors.ts";
import { messageOf, nameOf } from "../../base/thrown.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import {
  type BusyNames,
  type ConnectionList,
  decodeConnectionQuery,
} from "../../wire/bodies/connection_list.ts";
import { encodeFailure } from "../../wire/failure.ts";
import { endOfHead, Flag, type FrameHeader } from "../../wire/frame.ts";
import { busyNames } from "../clients/busy_names.ts";
import type { Asks } from "./asks.ts";
import { type Call, withClient } from "./call.ts";
import type { Client } from "../clients/client.ts";
import { ClientCommands, type ClientCommandsParts } from "./client_commands.ts";
import { type Elsewhere, meansClient } from "./elsewhere.ts";
import type { ClientTable } from "../clients/client_table.ts";
import { clientsNamed, connectionRows } from "../clients/connection_rows.ts";
import { MessageCommands } from "./message_commands.ts";
import type { Notices } from "./notices.ts";
import { PartWaits } from "./part_waits.ts";
import { takePresence } from "./presence_commands.ts";
import { LATER, Queries } from "./queries.ts";
import { QueryRunner } from "./query_runner.ts";
import type { RefusalCommands } from "./refusal_commands.ts";
import type { Presence } from "../presence/presence.ts";
import type { Taps } from "./taps.ts";
import type { SessionStore } from "../clients/session_store.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

const logger = roomLogger("gateway");

/** What a {@linkcode Dispatcher} works with. */
export interface DispatcherParts extends ClientCommandsParts {
  /** Changes the clients' sessions. */
  readonly sessions: SessionStore;
  /** Questions to clients. */
  readonly asks: Asks;
  /** Who may not come in. */
  readonly refusals: RefusalCommands;
  /** Who is where, for workers that watch it. */
  readonly presence: Presence;
  /** Who is shown frames. */
  readonly taps?: Taps;
  /** Clients that have moved away, and the gateways that they moved to. */
  readonly elsewhere: Elsewhere;
  /** What is said to workers. */
  readonly notices: Notices;
}

/** Does what a command asks for, and replies if it asks for that. */
export class Dispatcher implements Disposable {
  readonly #table: ClientTable;
  readonly #messages: MessageCommands;
  readonly #clients: ClientCommands;
  readonly #sessions: SessionStore;
  readonly #asks: Asks;
  readonly #taps: Taps | undefined;
  readonly #elsewhere: Elsewhere;
  readonly #refusals: RefusalCommands;
  readonly #presence: Presence;
  readonly #notices: Notices;
  readonly #runner = new QueryRunner();
  readonly #waits = new PartWaits();
  readonly #queries: Queries;
  readonly #limited = new RateLimitedLog();
  /** Takes what clients post to their streams, where there are any. */
  strayPosts: { take(call: Call): unknown } | undefined;

  /** Creates the dispatcher of one gateway. */
  constructor(parts: DispatcherParts) {
    const { table, sessions } = parts;
    this.#table = table;
    this.#asks = parts.asks;
    this.#taps = parts.taps;
    this.#elsewhere = parts.elsewhere;
    this.#refusals = parts.refusals;
    this.#presence = parts.presence;
    this.#notices = parts.notices;
    const waits = this.#waits;
    this.#messages = new MessageCommands({ ...parts, waits });
    this.#clients = new ClientCommands(parts);
    this.#sessions = sessions;
    this.#queries = new Queries(table, this.#runner, parts);
  }

  /** Drops the answers that are being made. */
  [Symbol.dispose](): void {
    this.#runner[Symbol.dispose]();
    this.#waits[Symbol.dispose]();
    this.#asks[Symbol.dispose]();
  }

  /** A command came: `buffer[start, end)` is its body. */
  onCommand(
    link: WorkerLink,
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    let head: Uint8Array = NO_BYTES;
    if ((header.flags & Flag.Head) !== 0) {
      const headEnd = endOfHead(buffer, start, end);
      head = buffer.subarray(start + 4, headEnd);
      start = headEnd;
    }
    const { number } = header;
    try {
      const result = this.#dispatch({ link, header, head, buffer, start, end });
      if (number !== 0 && result !== LATER) {
        link.link.send(Command.Reply, 0, number, encodeBody(result));
      }
    } catch (error) {
      if (error instanceof ProtocolError) throw error;
      if (number === 0) return this.#warn(link, header.command, error);
      const body = encodeFailure(error);
      link.link.send(Command.Reply, 0, number, body, Flag.Failed);
    }
  }

  #warn(link: WorkerLink, command: number, error: unknown): void {
    const reason = messageOf(error);
    const { address } = link.link.peer;
    const cause = `${address} ${command} ${nameOf(error)}`;
    this.#limited.once(cause, (suppressed) => {
      logger.warn(
        "Ignored command {command} of {peer}: {reason} ({suppressed} like this before)",
        { command, peer: address, reason, suppressed },
      );
    });
  }

  #dispatch(call: Call): unknown {
    const { command, connectionId } = call.header;
    const isElsewhere = this.#elsewhere.size > 0 && meansClient(command) &&
      this.#elsewhere.has(connectionId);
    if (isElsewhere) return this.#elsewhere.forward(call);
    switch (command) {
      case Command.SendToOne:
        return this.#messages.sendToOne(call);
      case Command.SendToAll:
        return this.#messages.sendToAll(call);
      case Command.SendToUid:
        return this.#messages.sendToUid(call);
      case Command.SendToGroup:
        return this.#messages.sendToGroup(call);
      case Command.CloseClient:
        return this.#clients.closeClient(call);
      case Command.CloseUid:
        return this.#clients.closeUid(call);
      case Command.DestroyClient:
        return this.#clients.destroyClient(call);
      case Command.IsOnline:
        return this.#clients.isOnline(call);
      case Command.SetWindow:
        return this.#clients.setWindow(call);
      case Command.Ask:
        return this.#asks.ask(call);
      case Command.Tap:
        return this.#taps?.begin(call.link, call.head);
      case Command.EndAsk:
        return this.#asks.end(call);
      case Command.BindUid:
        return this.#clients.bindUid(call);
      case Command.ReplaceUid:
        return this.#clients.replaceUid(call);
      case Command.UnbindUid:
        return this.#clients.unbindUid(call);
      case Command.JoinGroup:
        return this.#clients.joinGroup(call);
      case Command.LeaveGroup:
        return this.#clients.leaveGroup(call);
      case Command.Ungroup:
        return this.#clients.ungroup(call);
      case Command.GetSession:
        return this.#sessions.get(this.#table.get(call.header.connectionId));
      case Command.SetSession:
        return this.#withClient(
          call,
          (client) => this.#sessions.replace(client, call.head, call.link),
        );
      case Command.UpdateSession:
        return this.#withClient(
          call,
          (client) => this.#sessions.merge(client, call.head, call.link),
        );
      case Command.SaveSession:
        return this.#saveSession(call);
      case Command.RefuseClients:
        return this.#refusals.refuse(call);
      case Command.Refusals:
        return this.#refusals.exchange(call);
      case Command.ListConnections:
        return this.#listConnections(call);
      case Command.CountClients:
        return this.#queries.countClients();
      case Command.SelectClients:
        return this.#queries.selectClients(call);
      case Command.SelectNames:
        return this.#queries.selectNames(call);
      case Command.PresenceWatch:
      case Command.PresenceRows:
      case Command.PresenceRelease:
      case Command.SetPresence:
        return takePresence(this.#presence, this.#table, call);
      case Command.SelectPresence:
        return this.#queries.selectPresence(call);
      case Command.SelectWorkers:
        return this.#notices.select(call);
      case Command.ToWorkers:
        return this.#notices.send(call);
      case Command.Claim:
      case Command.Settle:
      case Command.OldEvents:
      case Command.ClaimEnd:
      case Command.Cancel:
        return this.#elsewhere.take(call);
      case Command.StrayPost:
        if (this.strayPosts !== undefined) return this.strayPosts.take(call);
        throw new TypeError("Cannot take a post: no client has a stream here");
      case Command.Trace:
        // Nobody traces here.
        return undefined;
      default:
        throw new TypeError(
          `Cannot do command ${call.header.command}: this gateway does not know it`,
        );
    }
  }

  #listConnections({ link, head }: Call): ConnectionList | BusyNames {
    const { limit, subject, group, busiest } = decodeConnectionQuery(head);
    if (busiest !== undefined) return busyNames(this.#table, busiest);
    const { gatewayId } = link;
    if (group !== undefined) {
      const members = this.#table.inGroup(group);
      const rows = connectionRows(members, gatewayId, limit);
      return { total: members.size, rows };
    }
    if (subject === undefined) {
      const rows = connectionRows(this.#table.all(), gatewayId, limit);
      return { total: this.#table.size, rows };
    }
    const clients = clientsNamed(this.#table, gatewayId, subject);
    const rows = connectionRows(clients, gatewayId, limit);
    return { total: clients.size, rows };
  }

  /** A client that left has its session until its last event is handled. */
  #saveSession({ header, head, link }: Call): boolean {
    const client = this.#table.find(header.connectionId);
    if (client === undefined) return false;
    this.#sessions.save(client, head, link);
    return true;
  }

  #withClient(call: Call, act: (client: Client) => void): boolean {
    return withClient(this.#table, call, act);
  }
}
