import { decodeTarget } from "../link/target.ts";
import type { Call } from "./call.ts";
import type { ClientTable } from "./client_table.ts";
import type { FanOut } from "./fan_out.ts";

/** Commands that send messages to clients; each returns how many were reached. */
export class MessageCommands {
  readonly #table: ClientTable;
  readonly #fanOut: FanOut;

  /** Creates the commands of one gateway. */
  constructor(table: ClientTable, fanOut: FanOut) {
    this.#table = table;
    this.#fanOut = fanOut;
  }

  /** Hot: to one client. */
  sendToOne({ header, buffer, start, end }: Call): number {
    const client = this.#table.get(header.connectionId);
    if (client?.connection === undefined) return 0;
    return this.#fanOut.sendToOne(client, buffer, start, end, header.flags);
  }

  /** To everybody, or to listed connections. */
  sendToAll({ header, head, buffer, start, end }: Call): number {
    const payload = buffer.slice(start, end);
    const { connections, exclude } = head.length > 0 ? decodeTarget(head) : {};
    const clients = connections === undefined
      ? this.#table.all()
      : Array.from(new Set(connections), (id) => this.#table.get(id));
    return this.#fanOut.send(clients, payload, header.flags, exclude);
  }

  /** To the clients of uids. */
  sendToUid({ header, head, buffer, start, end }: Call): number {
    const { uids = [], exclude } = decodeTarget(head);
    return this.#fanOut.sendToSets(
      uids.map((uid) => this.#table.withUid(uid)),
      buffer.slice(start, end),
      header.flags,
      exclude,
    );
  }

  /** To the members of groups. */
  sendToGroup({ header, head, buffer, start, end }: Call): number {
    const { groups = [], exclude } = decodeTarget(head);
    return this.#fanOut.sendToSets(
      groups.map((group) => this.#table.inGroup(group)),
      buffer.slice(start, end),
      header.flags,
      exclude,
    );
  }
}
