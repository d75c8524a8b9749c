import { Command } from "../wire/command.ts";
import type { Session } from "../wire/bodies/session.ts";
import { checkCells, checkOptions } from "./arguments.ts";
import { Asker } from "./asker.ts";
import type {
  BindUidOptions,
  CloseOptions,
  FanOutOptions,
  Message,
  SendOptions,
  SendToAllOptions,
} from "./call_options.ts";
import { Changer } from "./changer.ts";
import type { Cluster } from "./cluster.ts";
import { ClusterReads } from "./cluster_reads.ts";
import { askerOf, notifierOf } from "./contract_calls.ts";
import type { LinkedGateways } from "./linked_gateways.ts";
import { PresenceCalls } from "./presence_calls.ts";
import { Refuser } from "./refuser.ts";
import { Sender } from "./sender.ts";
import { TypedCalls } from "./typed_calls.ts";
import type { OnlineOptions } from "./typed_options.ts";
import { WorkerNotices } from "./worker_notices.ts";

/** {@linkcode Cluster} over links to all gateways. */
export class ClusterCalls extends ClusterReads implements Cluster {
  readonly #sender: Sender;
  readonly #changer: Changer;
  readonly #typed: TypedCalls;
  /** See {@linkcode Cluster.sendToWorkers}. */
  readonly sendToWorkers: Cluster["sendToWorkers"];
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
   * @param notices Sends to workers.
   */
  constructor(
    gateways: LinkedGateways,
    queryTimeout: number,
    notices: WorkerNotices = new WorkerNotices(gateways, queryTimeout),
  ) {
    const asker = new Asker(gateways, queryTimeout);
    super(asker);
    const sender = this.#sender = new Sender(asker);
    const changer = this.#changer = new Changer(asker);
    this.#typed = new TypedCalls({ asker, sender, changer });
    this.notify = notifierOf(this.#typed);
    this.ask = askerOf(this.#typed);
    this.sendToWorkers = notices.send.bind(notices);
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
}
