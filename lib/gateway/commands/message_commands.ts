import { decodeTarget } from "../../wire/bodies/target.ts";
import { Flag } from "../../wire/frame.ts";
import type { Call } from "./call.ts";
import type { ClientTable } from "../clients/client_table.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import type { Client } from "../clients/client.ts";
import type { FanOut, OutgoingMessage } from "./fan_out.ts";
import type { Interest } from "../../link/interest.ts";
import { Letter } from "../../wire/bodies/typed_frame.ts";
import type { Arrivals } from "../clients/arrivals.ts";
import type { Elsewhere } from "./elsewhere.ts";
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
  /** Clients that are on their way here. */
  readonly arrivals: Arrivals;
  /** Clients that have moved away. */
  readonly elsewhere: Elsewhere;
}

/** Commands that send messages to clients; each returns how many were reached. */
export class MessageCommands {
  readonly #table: ClientTable;
  readonly #fanOut: FanOut;
  readonly #interest: Interest;
  readonly #waits: PartWaits;
  readonly #arrivals: Arrivals;
  readonly #elsewhere: Elsewhere;

  /** Creates the commands of one gateway. */
  constructor(
    { table, fanOut, interest, waits, arrivals, elsewhere }:
      MessageCommandsParts,
  ) {
    this.#arrivals = arrivals;
    this.#elsewhere = elsewhere;
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
    const { people } = this.#fanOut;
    if (client.unansweredSince !== 0) people.onFirstAnswer(client);
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
  sendToAll(call: Call): number {
    const { header: { flags }, head, buffer, start, end } = call;
    const payload = buffer.slice(start, end);
    const { connections, exclude, key } = head.length > 0
      ? decodeTarget(head)
      : {};
    const all = { flags, payload, exclude, key };
    const message = this.#stamp(call, connections && [], all);
    if (connections === undefined) {
      return this.#fanOut.send(this.#table.all(), message);
    }
    const listed = new Set(connections);
    const clients = Array.from(listed, (id) => this.#table.get(id));
    return this.#fanOut.send(clients, message) +
      this.#sendElsewhere(listed, message);
  }

  /** To the clients of uids. */
  sendToUid(call: Call): number {
    const { link, header: { flags }, head, buffer, start, end } = call;
    const { uids = [], exclude, key } = decodeTarget(head);
    const sets = uids.map((uid) => this.#table.withUid(uid));
    const names = uids.map(uidName);
    this.#tellAbsent(link, sets, names);
    const [only] = sets.length === 1 && sets[0]?.size === 1 ? sets[0] : [];
    const isPlain = exclude === undefined && (flags & MAY_DROP) === 0;
    if (only !== undefined && isPlain && this.#arrivals.size === 0) {
      link.stamp = call.header.connectionId;
      return this.#fanOut.sendToOne(only, buffer, start, end, flags);
    }
    const payload = buffer.slice(start, end);
    const message = this.#stamp(call, names, { flags, payload, exclude, key });
    return this.#fanOut.sendToSets(sets, message);
  }

  /** To the members of groups. */
  sendToGroup(call: Call): number {
    const { link, header: { flags }, head, buffer, start, end } = call;
    const { groups = [], exclude, key } = decodeTarget(head);
    const sets = groups.map((group) => this.#table.inGroup(group));
    const names = groups.map(groupName);
    this.#tellAbsent(link, sets, names);
    const payload = buffer.slice(start, end);
    const message = this.#stamp(call, names, { flags, payload, exclude, key });
    const reached = this.#fanOut.sendToSets(sets, message);
    if (reached > 0) this.#fanOut.people.onGroupMessage(reached);
    return reached;
  }

  /**
   * Hot: notes the sender's count of messages to many, and holds the message for those
   * of its clients that are on their way here.
   *
   * @param names Whom it is for; everybody if not given.
   * @returns The message for those who are here, and have not had it elsewhere.
   */
  #stamp(
    { link, header: { connectionId: stamp } }: Call,
    names: readonly string[] | undefined,
    message: OutgoingMessage,
  ): OutgoingMessage {
    link.stamp = stamp;
    if (this.#arrivals.size === 0) return message;
    const { instance: sender } = link.link.peer;
    const { payload, flags, key, exclude = [] } = message;
    for (const arrival of this.#arrivals.of(names)) {
      arrival.hold({ sender, stamp, payload, flags, key });
    }
    const had = this.#arrivals.hadAlready(sender, stamp);
    return had.length === 0
      ? message
      : { ...message, exclude: [...exclude, ...had] };
  }

  /** Sends to those of listed connections that have moved away; returns how many. */
  #sendElsewhere(
    listed: ReadonlySet<number>,
    { payload, flags }: OutgoingMessage,
  ): number {
    if (this.#elsewhere.size === 0) return 0;
    let count = 0;
    for (const id of listed) {
      if (this.#elsewhere.send(id, payload, flags & ~MAY_DROP)) count++;
    }
    return count;
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
