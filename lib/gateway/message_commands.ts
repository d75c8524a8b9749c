import { decodeTarget } from "../link/target.ts";
import { Flag } from "../link/frame.ts";
import type { Call } from "./call.ts";
import type { ClientTable } from "./client_table.ts";
import type { FanOut } from "./fan_out.ts";

const MAY_DROP = Flag.DropOldest | Flag.DropNewest;

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
  sendToOne({ header, head, buffer, start, end }: Call): number {
    const client = this.#table.get(header.connectionId);
    if (client?.connection === undefined) return 0;
    if (head.length === 0 && (header.flags & MAY_DROP) === 0) {
      return this.#fanOut.sendToOne(client, buffer, start, end, header.flags);
    }
    const { key } = head.length > 0 ? decodeTarget(head) : {};
    const payload = buffer.slice(start, end);
    return this.#fanOut.send([client], { payload, flags: header.flags, key });
  }

  /** To everybody, or to listed connections. */
  sendToAll({ header, head, buffer, start, end }: Call): number {
    const payload = buffer.slice(start, end);
    const { connections, exclude, key } = head.length > 0
      ? decodeTarget(head)
      : {};
    const clients = connections === undefined
      ? this.#table.all()
      : Array.from(new Set(connections), (id) => this.#table.get(id));
    const { flags } = header;
    return this.#fanOut.send(clients, { payload, flags, exclude, key });
  }

  /** To the clients of uids. */
  sendToUid({ header, head, buffer, start, end }: Call): number {
    const { uids = [], exclude, key } = decodeTarget(head);
    return this.#fanOut.sendToSets(
      uids.map((uid) => this.#table.withUid(uid)),
      {
        payload: buffer.slice(start, end),
        flags: header.flags,
        exclude,
        key,
      },
    );
  }

  /** To the members of groups. */
  sendToGroup({ header, head, buffer, start, end }: Call): number {
    const { groups = [], exclude, key } = decodeTarget(head);
    return this.#fanOut.sendToSets(
      groups.map((group) => this.#table.inGroup(group)),
      {
        payload: buffer.slice(start, end),
        flags: header.flags,
        exclude,
        key,
      },
    );
  }
}
