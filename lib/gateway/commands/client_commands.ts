import {
  decodeMap,
  encodeBody,
  numberField,
  textField,
} from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import type { CloseReason } from "../../transport/connection.ts";
import { type Call, nameOf, withClient } from "./call.ts";
import type { Arrivals } from "../clients/arrivals.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { FanOut } from "./fan_out.ts";
import type { Interest } from "../../link/interest.ts";
import { LATER } from "./queries.ts";

/** Most bytes of a reason in a WebSocket close frame. */
const MAX_REASON = 123;

const encoder = new TextEncoder();

/** What {@linkcode ClientCommands} work with. */
export interface ClientCommandsParts {
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Tells who sends what to whom that somebody comes. */
  readonly interest: Interest;
  /** What a client is told whose uid logged in elsewhere. */
  readonly replaced: CloseReason;
  /** Clients that are on their way here. */
  readonly arrivals: Arrivals;
}

/** Commands that close clients, and that change their uids and groups. */
export class ClientCommands {
  readonly #table: ClientTable;
  readonly #fanOut: FanOut;
  readonly #interest: Interest;
  readonly #replaced: CloseReason;
  readonly #arrivals: Arrivals;

  /** Creates the commands of one gateway. */
  constructor(
    { table, fanOut, interest, replaced, arrivals }: ClientCommandsParts,
  ) {
    this.#arrivals = arrivals;
    this.#table = table;
    this.#fanOut = fanOut;
    this.#interest = interest;
    this.#replaced = replaced;
  }

  /** Closes one client, after a message if there is one. */
  closeClient(call: Call): boolean {
    const close = this.#closer(call);
    return withClient(this.#table, call, close);
  }

  /** Closes all clients of a uid; returns how many. */
  closeUid(call: Call): number {
    const close = this.#closer(call);
    const uid = textField(decodeMap(call.head), "uid") ?? "";
    const clients = [...this.#table.withUid(uid)];
    for (const client of clients) close(client);
    this.#closeArrivals(call, uid);
    return clients.length;
  }

  /** Closes those of a uid that are on their way here, once they have come. */
  #closeArrivals(call: Call, uid: string): void {
    if (this.#arrivals.size === 0) return;
    const buffer = call.buffer.slice(call.start, call.end);
    const kept = { ...call, buffer, start: 0, end: buffer.length };
    this.#arrivals.note(uidName(uid), this.#closer(kept));
  }

  /** Ends a connection at once. */
  destroyClient(call: Call): boolean {
    return withClient(
      this.#table,
      call,
      (client) => client.connection?.destroy(),
    );
  }

  /** Says whether a client is there; or, if the head says so, whether it has a connection. */
  isOnline(call: Call): boolean {
    const { head, header } = call;
    const client = this.#table.get(header.connectionId);
    if (client === undefined) return false;
    const mustAttach = head.length > 0 && decodeMap(head)["attached"] === true;
    return !(mustAttach && client.isAway);
  }

  /** Changes how long a client may be away; returns whether it is there, and may be. */
  setWindow({ head, header }: Call): boolean {
    const window = numberField(decodeMap(head), "window") ?? 0;
    const connection = this.#table.get(header.connectionId)?.connection;
    if (connection?.setWindow === undefined) return false;
    connection.setWindow(Math.max(0, window));
    return true;
  }

  /**
   * Binds a client to a uid; the head may say how late, for `replaceUid`. One that
   * was replaced counts as gone: closing may take a while, and if it came back, it
   * could replace whoever replaced it.
   */
  bindUid(call: Call): boolean | typeof LATER {
    const { head, header } = call;
    const login = head.length > 0 ? numberField(decodeMap(head), "login") : 0;
    const client = this.#table.get(header.connectionId);
    if (client === undefined || this.#table.isReplaced(client)) return false;
    const uid = nameOf(call);
    this.#table.bindUid(client, uid);
    this.#table.setLogin(client, login ?? 0);
    return this.#whenHeard(call, uidName(uid));
  }

  /**
   * Closes the clients of a uid that were bound earlier than one was.
   *
   * @returns The latest login among those that stay, the one apart; 0 if none does.
   */
  replaceUid({ header, head }: Call): number {
    const body = decodeMap(head);
    const login = numberField(body, "login") ?? 0;
    const uid = textField(body, "uid") ?? "";
    let latest = 0;
    for (const client of this.#table.withUid(uid)) {
      if (client.connectionId === header.connectionId) continue;
      const rival = this.#table.loginOf(client);
      if (rival >= login) latest = Math.max(latest, rival);
      else this.#replace(client);
    }
    this.#arrivals.note(uidName(uid), (client) => {
      if (this.#table.loginOf(client) < login) this.#replace(client);
    });
    return latest;
  }

  #replace(client: Client): void {
    this.#table.replace(client);
    client.connection?.close(this.#replaced);
  }

  /** Removes the uid of a client. */
  unbindUid(call: Call): boolean {
    return withClient(
      this.#table,
      call,
      (client) => this.#table.unbindUid(client),
    );
  }

  /** Puts a client in a group. */
  joinGroup(call: Call): boolean | typeof LATER {
    const client = this.#table.get(call.header.connectionId);
    if (client === undefined) return false;
    const group = nameOf(call);
    this.#table.joinGroup(client, group);
    return this.#whenHeard(call, groupName(group));
  }

  /** Confirms a bind or a join when everybody knows where to send. */
  #whenHeard(
    { link: { link }, header: { number } }: Call,
    name: string,
  ): boolean | typeof LATER {
    const heard = this.#interest.present(name);
    if (heard === undefined || number === 0) return true;
    void heard.then(() =>
      link.send(Command.Reply, 0, number, encodeBody(true))
    );
    return LATER;
  }

  /** Takes a client out of a group. */
  leaveGroup(call: Call): boolean {
    return withClient(
      this.#table,
      call,
      (client) => this.#table.leaveGroup(client, nameOf(call)),
    );
  }

  /** Takes all members out of a group; returns how many there were. */
  ungroup(call: Call): number {
    const group = nameOf(call);
    this.#arrivals.note(
      groupName(group),
      (client) => this.#table.leaveGroup(client, group),
    );
    return this.#table.ungroup(group);
  }

  #closer(call: Call): (client: Client) => void {
    const { head, header: { flags }, buffer, start, end } = call;
    const body = head.length > 0 ? decodeMap(head) : {};
    const code = numberField(body, "code") ?? 1000;
    const reason = textField(body, "reason") ?? "";
    checkClose(code, reason);
    return (client) => {
      if (body["message"] === true) {
        this.#fanOut.sendToOne(client, buffer, start, end, flags);
      }
      client.connection?.close({ code, reason });
    };
  }
}

/** A worker checks that too; a peer of another kind may not. */
function checkClose(code: number, reason: string): void {
  const { length } = encoder.encode(reason);
  const isCode = Number.isInteger(code) && code > 999 && code < 5000;
  if (isCode && length <= MAX_REASON) return;
  throw new RangeError(
    `Cannot close client as code must be 1000 to 4999 and reason at most ${MAX_REASON} bytes: they are ${code} and ${length}`,
  );
}
