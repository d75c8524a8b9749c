import { Command } from "../wire/command.ts";
import type { Session } from "../wire/bodies/session.ts";
import {
  checkCells,
  checkName,
  checkNameList,
  checkNames,
  checkOptions,
} from "./arguments.ts";
import { Asker } from "./asker.ts";
import type {
  BindUidOptions,
  CloseOptions,
  FanOutOptions,
  Message,
  QueryOptions,
  SendOptions,
  SendToAllOptions,
} from "./call_options.ts";
import { Changer } from "./changer.ts";
import type { Cluster } from "./cluster.ts";
import * as collect from "./collectors.ts";
import { askerOf, notifierOf } from "./contract_calls.ts";
import type { LinkedGateways } from "./linked_gateways.ts";
import { PresenceCalls } from "./presence_calls.ts";
import { Reader } from "./reader.ts";
import { Refuser } from "./refuser.ts";
import { Sender } from "./sender.ts";
import { TypedCalls } from "./typed_calls.ts";
import type { OnlineOptions } from "./typed_options.ts";

/** {@linkcode Cluster} over links to all gateways. */
export class ClusterCalls implements Cluster {
  readonly #sender: Sender;
  readonly #changer: Changer;
  readonly #reader: Reader;
  readonly #typed: TypedCalls;
  /** See {@linkcode Cluster.notify}. */
  readonly notify: Cluster["notify"];
  /** See {@linkcode Cluster.ask}. */
  readonly ask: Cluster["ask"];
  /** See {@linkcode Cluster.presence}. */
  readonly presence: Cluster["presence"];
  /** See {@linkcode Cluster.refuse}. */
  readonly refuse: Cluster["refuse"];
  /** See {@linkcode Cluster.allow}. */
  readonly allow: Cluster["allow"];
  /** See {@linkcode Cluster.refusals}. */
  readonly refusals: Cluster["refusals"];
  /** See {@linkcode Cluster.setPresence}. */
  readonly setPresence: Cluster["setPresence"];

  /**
   * Takes links that somebody else opens and closes.
   *
   * @param gateways The links.
   * @param queryTimeout Milliseconds to wait for a gateway's answer.
   */
  constructor(gateways: LinkedGateways, queryTimeout: number) {
    const asker = new Asker(gateways, queryTimeout);
    const sender = this.#sender = new Sender(asker);
    const changer = this.#changer = new Changer(asker);
    this.#typed = new TypedCalls({ asker, sender, changer });
    this.notify = notifierOf(this.#typed);
    this.ask = askerOf(this.#typed);
    this.#reader = new Reader(asker);
    const presence = new PresenceCalls(asker);
    this.presence = presence.presence.bind(presence);
    const { refuse, allow, refusals } = new Refuser(asker);
    [this.refuse, this.allow, this.refusals] = [refuse, allow, refusals];
    this.setPresence = presence.setPresence.bind(presence);
  }

  /** See {@linkcode Cluster.sendToAll}. */
  sendToAll(
    message: Message,
    options: SendToAllOptions = {},
  ): Promise<number | undefined> {
    return this.#sender.toAll(message, options);
  }

  /** See {@linkcode Cluster.sendToClient}. */
  sendToClient(
    clientId: string,
    message: Message,
    options: SendOptions = {},
  ): Promise<number | undefined> {
    return this.#sender.toOne(clientId, message, options);
  }

  /** See {@linkcode Cluster.sendToClients}. */
  sendToClients(
    clientIds: readonly string[],
    message: Message,
    options: FanOutOptions = {},
  ): Promise<number | undefined> {
    return this.#sender.toClients(clientIds, message, options);
  }

  /** See {@linkcode Cluster.sendToUid}. */
  sendToUid(
    uid: string | readonly string[],
    message: Message,
    options: FanOutOptions = {},
  ): Promise<number | undefined> {
    return this.#sender.toUid(uid, message, options);
  }

  /** See {@linkcode Cluster.sendToGroup}. */
  sendToGroup(
    group: string | readonly string[],
    message: Message,
    options: FanOutOptions | readonly string[] = {},
  ): Promise<number | undefined> {
    return this.#sender.toGroup(group, message, options);
  }

  /** See {@linkcode Cluster.closeClient}. */
  closeClient(
    clientId: string,
    message?: Message,
    options: CloseOptions = {},
  ): Promise<boolean> {
    return this.#changer.close(clientId, message, options);
  }

  /** See {@linkcode Cluster.closeUid}. */
  closeUid(
    uid: string,
    message?: Message,
    options: CloseOptions = {},
  ): Promise<number> {
    return this.#changer.closeUid(uid, message, options);
  }

  /** See {@linkcode Cluster.destroyClient}. */
  destroyClient(clientId: string): Promise<boolean> {
    return this.#changer.change(Command.DestroyClient, clientId);
  }

  /** See {@linkcode Cluster.isOnline}. */
  isOnline(clientId: string, options: OnlineOptions = {}): Promise<boolean> {
    return this.#typed.isOnline(clientId, options);
  }

  /** See {@linkcode Cluster.setWindow}. */
  setWindow(clientId: string, window: number): Promise<boolean> {
    return this.#typed.setWindow(clientId, window);
  }

  /** See {@linkcode Cluster.bindUid}. */
  bindUid(
    clientId: string,
    uid: string,
    options: BindUidOptions = {},
  ): Promise<boolean> {
    checkOptions(options);
    const cells = checkCells(options.cells);
    if (options.exclusive) {
      return this.#changer.bindAlone(clientId, uid, cells);
    }
    return this.#changer.changeNamed(Command.BindUid, clientId, uid);
  }

  /** See {@linkcode Cluster.unbindUid}. */
  unbindUid(clientId: string): Promise<boolean> {
    return this.#changer.change(Command.UnbindUid, clientId);
  }

  /** See {@linkcode Cluster.isUidOnline}. */
  isUidOnline(uid: string, options: QueryOptions = {}): Promise<boolean> {
    return this.#reader.names({
      call: "isUidOnline",
      index: "uids",
      names: [checkName("uid", uid)],
      into: collect.isAny(),
    }, options);
  }

  /** See {@linkcode Cluster.isUidsOnline}. */
  isUidsOnline(
    uids: readonly string[],
    options: QueryOptions = {},
  ): Promise<Record<string, boolean>> {
    const names = checkNameList("uid", uids);
    const into = collect.whichOf(names);
    const call = "isUidsOnline";
    return this.#reader.names({ call, index: "uids", names, into }, options);
  }

  /** See {@linkcode Cluster.getClientIdByUid}. */
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

  /** See {@linkcode Cluster.batchGetClientIdByUid}. */
  batchGetClientIdByUid(
    uids: readonly string[],
    options: QueryOptions = {},
  ): Promise<Record<string, string[]>> {
    const names = checkNameList("uid", uids);
    const into = collect.clientIdsByName(names);
    const call = "batchGetClientIdByUid";
    return this.#reader.names({ call, index: "uids", names, into }, options);
  }

  /** See {@linkcode Cluster.getUidByClientId}. */
  getUidByClientId(clientId: string): Promise<string | undefined> {
    return this.#reader.client(clientId, ["uid"], (row) => row?.uid);
  }

  /** See {@linkcode Cluster.joinGroup}. */
  joinGroup(clientId: string, group: string): Promise<boolean> {
    return this.#changer.changeNamed(Command.JoinGroup, clientId, group);
  }

  /** See {@linkcode Cluster.leaveGroup}. */
  leaveGroup(clientId: string, group: string): Promise<boolean> {
    return this.#changer.changeNamed(Command.LeaveGroup, clientId, group);
  }

  /** See {@linkcode Cluster.ungroup}. */
  ungroup(group: string): Promise<number> {
    return this.#changer.ungroup(group);
  }

  /** See {@linkcode Cluster.getGroupsByClientId}. */
  getGroupsByClientId(clientId: string): Promise<string[] | undefined> {
    return this.#reader.client(
      clientId,
      ["groups"],
      (row) => row && [...row.groups],
    );
  }

  /** See {@linkcode Cluster.getClientIdCountByGroup}. */
  getClientIdCountByGroup(
    group: string,
    options: QueryOptions = {},
  ): Promise<number> {
    const names = [checkName("group", group)];
    const into = collect.sumOfClients();
    const call = "getClientIdCountByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See {@linkcode Cluster.batchGetClientIdCountByGroup}. */
  batchGetClientIdCountByGroup(
    groups: readonly string[],
    options: QueryOptions = {},
  ): Promise<Record<string, number>> {
    const names = checkNameList("group", groups);
    const into = collect.clientCounts(names);
    const call = "batchGetClientIdCountByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See {@linkcode Cluster.getClientIdListByGroup}. */
  getClientIdListByGroup(
    group: string | readonly string[],
    options: QueryOptions = {},
  ): Promise<string[]> {
    const names = checkNames("group", group);
    const into = collect.clientIds();
    const call = "getClientIdListByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See {@linkcode Cluster.getClientSessionsByGroup}. */
  getClientSessionsByGroup(
    group: string,
    options: QueryOptions = {},
  ): Promise<Record<string, Session>> {
    const groups = [checkName("group", group)];
    const call = "getClientSessionsByGroup";
    return this.#reader.sessions({ call, groups }, options);
  }

  /** See {@linkcode Cluster.getUidListByGroup}. */
  getUidListByGroup(
    group: string | readonly string[],
    options: QueryOptions = {},
  ): Promise<string[]> {
    const names = checkNames("group", group);
    const into = collect.uids();
    const call = "getUidListByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See {@linkcode Cluster.getUidCountByGroup}. */
  getUidCountByGroup(
    group: string | readonly string[],
    options: QueryOptions = {},
  ): Promise<number> {
    const names = checkNames("group", group);
    const into = collect.numberOfUids();
    const call = "getUidCountByGroup";
    return this.#reader.names({ call, index: "groups", names, into }, options);
  }

  /** See {@linkcode Cluster.getAllGroupIdList}. */
  getAllGroupIdList(options: QueryOptions = {}): Promise<string[]> {
    const into = collect.listOfNames();
    return this.#groups("getAllGroupIdList", into, options);
  }

  /** See {@linkcode Cluster.getAllGroupUidList}. */
  getAllGroupUidList(
    options: QueryOptions = {},
  ): Promise<Record<string, string[]>> {
    const into = collect.uidsByName();
    return this.#groups("getAllGroupUidList", into, options);
  }

  /** See {@linkcode Cluster.getAllGroupUidCount}. */
  getAllGroupUidCount(
    options: QueryOptions = {},
  ): Promise<Record<string, number>> {
    const into = collect.uidCounts();
    return this.#groups("getAllGroupUidCount", into, options);
  }

  /** See {@linkcode Cluster.getAllGroupClientIdList}. */
  getAllGroupClientIdList(
    options: QueryOptions = {},
  ): Promise<Record<string, string[]>> {
    const into = collect.clientIdsByName();
    return this.#groups("getAllGroupClientIdList", into, options);
  }

  /** See {@linkcode Cluster.getAllGroupClientIdCount}. */
  getAllGroupClientIdCount(
    options: QueryOptions = {},
  ): Promise<Record<string, number>> {
    const into = collect.clientCounts();
    return this.#groups("getAllGroupClientIdCount", into, options);
  }

  /** See {@linkcode Cluster.getAllClientIdCount}. */
  getAllClientIdCount(options: QueryOptions = {}): Promise<number> {
    return this.#reader.count("getAllClientIdCount", options);
  }

  /** See {@linkcode Cluster.getAllClientIdList}. */
  getAllClientIdList(options: QueryOptions = {}): Promise<string[]> {
    return this.#reader.ids("getAllClientIdList", options);
  }

  /** See {@linkcode Cluster.getAllClientSessions}. */
  getAllClientSessions(
    options: QueryOptions = {},
  ): Promise<Record<string, Session>> {
    return this.#reader.sessions({ call: "getAllClientSessions" }, options);
  }

  /** See {@linkcode Cluster.getAllUidList}. */
  getAllUidList(options: QueryOptions = {}): Promise<string[]> {
    const into = collect.listOfNames();
    const call = "getAllUidList";
    return this.#reader.names({ call, index: "uids", into }, options);
  }

  /** See {@linkcode Cluster.getAllUidCount}. */
  getAllUidCount(options: QueryOptions = {}): Promise<number> {
    const into = collect.numberOfNames();
    const call = "getAllUidCount";
    return this.#reader.names({ call, index: "uids", into }, options);
  }

  /** See {@linkcode Cluster.getSession}. */
  getSession(clientId: string): Promise<Session | undefined> {
    return this.#changer.getSession(clientId);
  }

  /** See {@linkcode Cluster.setSession}. */
  setSession(clientId: string, session: Session): Promise<boolean> {
    return this.#changer.setSession(clientId, session);
  }

  /** See {@linkcode Cluster.updateSession}. */
  updateSession(clientId: string, update: Session): Promise<boolean> {
    return this.#changer.updateSession(clientId, update);
  }

  #groups<Answer>(
    call: string,
    into: collect.Collector<Answer>,
    options: QueryOptions,
  ): Promise<Answer> {
    return this.#reader.names({ call, index: "groups", into }, options);
  }
}
