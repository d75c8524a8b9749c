import { decodeTarget } from "../../wire/bodies/target.ts";
import { Flag } from "../../wire/frame.ts";
import type { Call } from "./call.ts";
import type { ClientTable } from "../clients/client_table.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import type { Client } from "../clients/client.ts";
import type { FanOut } from "./fan_out.ts";
import type { Interest } from "../clients/interest.ts";
import { Letter } from "../../wire/bodies/typed_frame.ts";
import type { PartWaits } from "./part_waits.ts";
import { LATER } from "./queries.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

const MAY_DROP = Flag.DropOldest | Flag.DropNewest;

/** What {@linkcode MessageCommands} work with. */
export interface MessageCommandsParts {
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Tells who sends in vain. */
  readonly interest: Interest;
  /** Those who wait until a client keeps up. */
  readonly waits: PartWaits;
}

/** Commands that send messages to clients; each returns how many were reached. */
export class MessageCommands {
  readonly #table: ClientTable;
  readonly #fanOut: FanOut;
  readonly #interest: Interest;
  readonly #waits: PartWaits;

  /** Creates the commands of one gateway. */
  constructor({ table, fanOut, interest, waits }: MessageCommandsParts) {
    this.#table = table;
    this.#fanOut = fanOut;
    this.#interest = interest;
    this.#waits = waits;
  }

  /** Hot: to one client. */
  sendToOne(call: Call): number | typeof LATER {
    const { header, head, buffer, start, end } = call;
    const client = this.#table.get(header.connectionId);
    if (client?.connection === undefined) return 0;
    if ((header.flags & Flag.Typed) !== 0) return this.#sendTyped(client, call);
    if (head.length === 0 && (header.flags & MAY_DROP) === 0) {
      return this.#fanOut.sendToOne(client, buffer, start, end, header.flags);
    }
    const { key } = head.length > 0 ? decodeTarget(head) : {};
    const payload = buffer.slice(start, end);
    return this.#fanOut.send([client], { payload, flags: header.flags, key });
  }

  /** A part of an answer that streams is confirmed when its client keeps up. */
  #sendTyped(client: Client, call: Call): number | typeof LATER {
    const { link, header: { flags, number }, buffer, start, end } = call;
    const reached = this.#fanOut.sendToOne(client, buffer, start, end, flags);
    const isPart = number !== 0 && buffer[start] === Letter.Part;
    if (!isPart || !this.#waits.isBehind(client)) return reached;
    this.#waits.add({ client, link, number });
    return LATER;
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
