import { decodeTarget } from "../../wire/bodies/target.ts";
import { Flag } from "../../wire/frame.ts";
import type { Call } from "./call.ts";
import type { ClientTable } from "../clients/client_table.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import type { Client } from "../clients/client.ts";
import type { FanOut } from "./fan_out.ts";
import type { Interest } from "../clients/interest.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

const MAY_DROP = Flag.DropOldest | Flag.DropNewest;

/** Commands that send messages to clients; each returns how many were reached. */
export class MessageCommands {
  readonly #table: ClientTable;
  readonly #fanOut: FanOut;
  readonly #interest: Interest;

  /** Creates the commands of one gateway. */
  constructor(table: ClientTable, fanOut: FanOut, interest: Interest) {
    this.#table = table;
    this.#fanOut = fanOut;
    this.#interest = interest;
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
  sendToUid({ link, header, head, buffer, start, end }: Call): number {
    const { uids = [], exclude, key } = decodeTarget(head);
    const sets = uids.map((uid) => this.#table.withUid(uid));
    this.#tellAbsent(link, sets, uids.map(uidName));
    const [only] = sets.length === 1 && sets[0]?.size === 1 ? sets[0] : [];
    const isPlain = exclude === undefined && (header.flags & MAY_DROP) === 0;
    if (only !== undefined && isPlain) {
      return this.#fanOut.sendToOne(only, buffer, start, end, header.flags);
    }
    return this.#fanOut.sendToSets(
      sets,
      {
        payload: buffer.slice(start, end),
        flags: header.flags,
        exclude,
        key,
      },
    );
  }

  /** To the members of groups. */
  sendToGroup({ link, header, head, buffer, start, end }: Call): number {
    const { groups = [], exclude, key } = decodeTarget(head);
    const sets = groups.map((group) => this.#table.inGroup(group));
    this.#tellAbsent(link, sets, groups.map(groupName));
    return this.#fanOut.sendToSets(
      sets,
      {
        payload: buffer.slice(start, end),
        flags: header.flags,
        exclude,
        key,
      },
    );
  }

  /** Tells whoever sent in vain, so that it does not again. */
  #tellAbsent(
    link: WorkerLink,
    sets: readonly ReadonlySet<Client>[],
    names: readonly string[],
  ): void {
    for (const [index, set] of sets.entries()) {
      const name = names[index];
      if (set.size === 0 && name !== undefined) {
        this.#interest.absent(name, link);
      }
    }
  }
}
