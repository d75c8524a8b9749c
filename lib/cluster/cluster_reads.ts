import type { Session } from "../wire/bodies/session.ts";
import { checkName, checkNameList, checkNames } from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type { QueryOptions } from "./call_options.ts";
import * as collect from "./collectors.ts";
import { Reader } from "./reader.ts";

/** The calls of `Cluster` that ask who is there. */
export class ClusterReads {
  readonly #reader: Reader;

  /**
   * Asks by links that somebody else opens and closes.
   *
   * @param asker Asks gateways.
   */
  constructor(asker: Asker) {
    this.#reader = new Reader(asker);
  }

  /** See `Cluster.isUidOnline`. */
  isUidOnline(uid: string, options: QueryOptions = {}): Promise<boolean> {
    return this.#reader.names({
      call: "isUidOnline",
      index: "uids",
      names: [checkName("uid", uid)],
      into: collect.isAny(),
    }, options);
  }

  /** See `Cluster.isUidsOnline`. */
  isUidsOnline(
    uids: readonly string[],
    options: QueryOptions = {},
  ): Promise<Record<string, boolean>> {
    const names = checkNameList("uid", uids);
    const into = collect.whichOf(names);
    const call = "isUidsOnline";
    return this.#reader.names({ call, index: "uids", names, into }, options);
  }

  /** See `Cluster.getClientIdByUid`. */
  getClientIdByUid(
    uid: string,
    options: QueryOptions = {},
  ): Promise<string[]> {
    return this.#reader.names({
      call: "getClientIdByUid",
      index: "uids",
      names: [checkName("uid", uid)],
      into: collect.clientIds(),
    }, options);
  }

  /** See `Cluster.batchGetClientIdByUid`. */
  batchGetClientIdByUid(
    uids: readonly string[],
    options: QueryOptions = {},
  ): Promise<Record<string, string[]>> {
    const names = checkNameList("uid", uids);
    const into = collect.clientIdsByName(names);
    const call = "batchGetClientIdByUid";
    return this.#reader.names({ call, index: "uids", names, into }, options);
  }

  /** See `Cluster.getUidByClientId`. */
  getUidByClientId(clientId: string): Promise<string | undefined> {
    return this.#reader.client(clientId, ["uid"], (row) => row?.uid);
  }

  /** See `Cluster.getGroupsByClientId`. */
  getGroupsByClientId(clientId: string): Promise<string[] | undefined> {
    return this.#reader.client(
      clientId,
      ["groups"],
      (row) => row && [...row.groups],
    );
  }

  /** See `Cluster.getClientIdCountByGroup`. */
  getClientIdCountByGroup(
    group: string,
    options: QueryOptions = {},
  ): Promise<number> {
    const names = [checkName("group", group)];
    const into = collect.sumOfClients();
    const call = "getClientIdCountByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See `Cluster.batchGetClientIdCountByGroup`. */
  batchGetClientIdCountByGroup(
    groups: readonly string[],
    options: QueryOptions = {},
  ): Promise<Record<string, number>> {
    const names = checkNameList("group", groups);
    const into = collect.clientCounts(names);
    const call = "batchGetClientIdCountByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See `Cluster.getClientIdListByGroup`. */
  getClientIdListByGroup(
    group: string | readonly string[],
    options: QueryOptions = {},
  ): Promise<string[]> {
    const names = checkNames("group", group);
    const into = collect.clientIds();
    const call = "getClientIdListByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See `Cluster.getClientSessionsByGroup`. */
  getClientSessionsByGroup(
    group: string,
    options: QueryOptions = {},
  ): Promise<Record<string, Session>> {
    const groups = [checkName("group", group)];
    const call = "getClientSessionsByGroup";
    return this.#reader.sessions({ call, groups }, options);
  }

  /** See `Cluster.getUidListByGroup`. */
  getUidListByGroup(
    group: string | readonly string[],
    options: QueryOptions = {},
  ): Promise<string[]> {
    const names = checkNames("group", group);
    const into = collect.uids();
    const call = "getUidListByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See `Cluster.getUidCountByGroup`. */
  getUidCountByGroup(
    group: string | readonly string[],
    options: QueryOptions = {},
  ): Promise<number> {
    const names = checkNames("group", group);
    const into = collect.numberOfUids();
    const call = "getUidCountByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See `Cluster.getAllGroupIdList`. */
  getAllGroupIdList(options: QueryOptions = {}): Promise<string[]> {
    const into = collect.listOfNames();
    return this.#groups("getAllGroupIdList", into, options);
  }

  /** See `Cluster.getAllGroupUidList`. */
  getAllGroupUidList(
    options: QueryOptions = {},
  ): Promise<Record<string, string[]>> {
    const into = collect.uidsByName();
    return this.#groups("getAllGroupUidList", into, options);
  }

  /** See `Cluster.getAllGroupUidCount`. */
  getAllGroupUidCount(
    options: QueryOptions = {},
  ): Promise<Record<string, number>> {
    const into = collect.uidCounts();
    return this.#groups("getAllGroupUidCount", into, options);
  }

  /** See `Cluster.getAllGroupClientIdList`. */
  getAllGroupClientIdList(
    options: QueryOptions = {},
  ): Promise<Record<string, string[]>> {
    const into = collect.clientIdsByName();
    return this.#groups("getAllGroupClientIdList", into, options);
  }

  /** See `Cluster.getAllGroupClientIdCount`. */
  getAllGroupClientIdCount(
    options: QueryOptions = {},
  ): Promise<Record<string, number>> {
    const into = collect.clientCounts();
    return this.#groups("getAllGroupClientIdCount", into, options);
  }

  /** See `Cluster.getAllClientIdCount`. */
  getAllClientIdCount(options: QueryOptions = {}): Promise<number> {
    return this.#reader.count("getAllClientIdCount", options);
  }

  /** See `Cluster.getAllClientIdList`. */
  getAllClientIdList(options: QueryOptions = {}): Promise<string[]> {
    return this.#reader.ids("getAllClientIdList", options);
  }

  /** See `Cluster.getAllClientSessions`. */
  getAllClientSessions(
    options: QueryOptions = {},
  ): Promise<Record<string, Session>> {
    return this.#reader.sessions({ call: "getAllClientSessions" }, options);
  }

  /** See `Cluster.getAllUidList`. */
  getAllUidList(options: QueryOptions = {}): Promise<string[]> {
    const into = collect.listOfNames();
    const call = "getAllUidList";
    return this.#reader.names({ call, index: "uids", into }, options);
  }

  /** See `Cluster.getAllUidCount`. */
  getAllUidCount(options: QueryOptions = {}): Promise<number> {
    const into = collect.numberOfNames();
    const call = "getAllUidCount";
    return this.#reader.names({ call, index: "uids", into }, options);
  }

  #groups<Answer>(
    call: string,
    into: collect.Collector<Answer>,
    options: QueryOptions,
  ): Promise<Answer> {
    return this.#reader.names({ call, index: "groups", into }, options);
  }
}
