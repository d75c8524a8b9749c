import { formatClientId } from "../wire/bodies/client_id.ts";
import { Command } from "../wire/command.ts";
import { groupName, uidName } from "../wire/bodies/interest_name.ts";
import {
  type ClientField,
  encodeQuery,
  readClientRows,
  readNameRows,
} from "../wire/bodies/query.ts";
import { decodeSession, type Session } from "../wire/bodies/session.ts";
import {
  checkCells,
  checkClientId,
  checkFrame,
  checkOptions,
} from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type { CellRoute, WriteCommand } from "./crossings.ts";
import type { QueryOptions } from "./call_options.ts";
import { type Collector, emptyRecord, type NameRow } from "./collectors.ts";

/** One client, as one gateway tells it; what was not asked for is empty. */
export interface ClientRow {
  /** Its client id. */
  readonly id: string;
  /** The uid that it is bound to. */
  readonly uid: string | undefined;
  /** The groups that it is in. */
  readonly groups: readonly string[];
  /** Its session. */
  readonly session: Session;
}

/** Asks for uids or groups. */
export interface NameQuestion<Answer> {
  /** Name of the cluster call. */
  readonly call: string;
  /** Which of the two. */
  readonly index: "uids" | "groups";
  /** Only these; all if absent. */
  readonly names?: readonly string[];
  /** What of them, and what becomes of it. */
  readonly into: Collector<Answer>;
}

/** Asks for clients. */
export interface ClientQuestion<Answer> {
  /** Name of the cluster call. */
  readonly call: string;
  /** Members of these groups; all clients if absent. */
  readonly groups?: readonly string[];
  /** What of them. */
  readonly fields: readonly ClientField[];
  /** Takes one row. */
  take(row: ClientRow): void;
  /** Returns what was taken so far, put together. */
  answer(): Answer;
}

/** Reads the tables of the gateways. */
export class Reader {
  readonly #asker: Asker;

  /** @param asker Knows the gateways. */
  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Returns how many clients all gateways have. */
  count(call: string, options: QueryOptions): Promise<number> {
    checkOptions(options);
    let sum = 0;
    const send: WriteCommand = ({ link }, id) =>
      link.send(Command.CountClients, 0, id);
    return this.#asker.askAll({
      call,
      send,
      routes: this.#routes(options, [], send),
      take: (count) => void (sum += Number(count)),
      answer: () => sum,
    }, options);
  }

  /** Reads uids or groups of all gateways. */
  names<Answer>(
    { call, index, names, into }: NameQuestion<Answer>,
    options: QueryOptions,
  ): Promise<Answer> {
    checkOptions(options);
    const { timeout } = this.#asker;
    const head = encodeQuery({ index, names, field: into.field, timeout });
    checkFrame(head);
    const wanted = names?.map(index === "uids" ? uidName : groupName) ?? [];
    const send: WriteCommand = ({ link }, id) =>
      link.sendHeaded(Command.SelectNames, 0, id, head);
    return this.#asker.askAll({
      call,
      concerns: (gatewayId) => !this.#asker.isAbsent(gatewayId, wanted),
      send,
      routes: this.#routes(options, wanted, send),
      take: function* (part, { gatewayId }) {
        for (const row of nameRows(part, gatewayId)) yield into.take(row);
      },
      answer: into.answer,
    }, options);
  }

  /** Reads clients of all gateways. */
  clients<Answer>(
    { call, groups, fields, take, answer }: ClientQuestion<Answer>,
    options: QueryOptions,
  ): Promise<Answer> {
    checkOptions(options);
    const { timeout } = this.#asker;
    const head = encodeQuery({ groups, fields, timeout });
    const wanted = groups?.map(groupName) ?? [];
    const send: WriteCommand = ({ link }, id) =>
      link.sendHeaded(Command.SelectClients, 0, id, head);
    return this.#asker.askAll({
      call,
      concerns: (gatewayId) => !this.#asker.isAbsent(gatewayId, wanted),
      send,
      routes: this.#routes(options, wanted, send),
      take: function* (part, { gatewayId }) {
        for (const row of clientRows(part, gatewayId)) yield take(row);
      },
      answer,
    }, options);
  }

  #routes(
    { cells }: QueryOptions,
    names: readonly string[],
    send: WriteCommand,
  ): readonly CellRoute[] | undefined {
    const isWanted = checkCells(cells) !== undefined;
    return isWanted
      ? this.#asker.crossings.wrapped({ names }, send)
      : undefined;
  }

  /** Reads one client: `undefined` if it is gone. */
  client<Answer>(
    clientId: string,
    fields: readonly ClientField[],
    read: (row: ClientRow | undefined) => Answer,
  ): Promise<Answer> {
    const address = checkClientId(clientId);
    const { gatewayId, connectionId } = address;
    const { timeout } = this.#asker;
    const head = encodeQuery({ connections: [connectionId], fields, timeout });
    return this.#asker.askOne(
      address,
      (link, id) => link.sendHeaded(Command.SelectClients, 0, id, head),
      (part) => {
        const [row] = part === undefined ? [] : clientRows(part, gatewayId);
        return read(row);
      },
    );
  }

  /** Reads the ids of all clients. */
  ids(call: string, options: QueryOptions): Promise<string[]> {
    const ids = new Set<string>();
    return this.clients({
      call,
      fields: [],
      take: ({ id }) => ids.add(id),
      answer: () => [...ids],
    }, options);
  }

  /** Reads the sessions of all clients, or of the members of a group. */
  sessions(
    question: Pick<ClientQuestion<unknown>, "call" | "groups">,
    options: QueryOptions,
  ): Promise<Record<string, Session>> {
    const sessions = emptyRecord<Session>();
    return this.clients({
      ...question,
      fields: ["session"],
      take: ({ id, session }) => sessions[id] = session,
      answer: () => sessions,
    }, options);
  }
}

function* clientRows(part: unknown, gatewayId: string): Generator<ClientRow> {
  const { ids, uids, groups, sessions } = readClientRows(part);
  for (const [index, connectionId] of ids.entries()) {
    yield {
      id: formatClientId(gatewayId, connectionId),
      uid: uids[index] ?? undefined,
      groups: groups[index] ?? [],
      session: decodeSession(sessions[index] ?? undefined),
    };
  }
}

function* nameRows(part: unknown, gatewayId: string): Generator<NameRow> {
  const { names, counts, clients, uids } = readNameRows(part);
  for (const [index, name] of names.entries()) {
    yield {
      name,
      count: counts[index] ?? 0,
      clientIds: (clients[index] ?? [])
        .map((connectionId) => formatClientId(gatewayId, connectionId)),
      uids: uids[index] ?? [],
    };
  }
}
