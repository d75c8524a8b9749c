import { LinkClosedError, PartialResultError } from "../base/errors.ts";
import { encodeBody } from "../link/body.ts";
import { parseClientId } from "../link/client_id.ts";
import { Command } from "../link/command.ts";
import { Flag } from "../link/frame.ts";
import { decodeSession, encodeSession, type Session } from "../link/session.ts";
import { encodeTarget, type Target } from "../link/target.ts";
import type {
  CloseOptions,
  Cluster,
  FanOutOptions,
  Message,
  SendOptions,
  SendToAllOptions,
} from "./cluster.ts";
import type { GatewayLinks, LinkedGateway } from "./gateway_links.ts";

const encoder = new TextEncoder();
const NOTHING = new Uint8Array(0);

/** What an unconfirmed send returns: one promise for all of them. */
const UNCONFIRMED: Promise<undefined> = Promise.resolve(undefined);

/** {@linkcode Cluster} over links to all gateways. */
export class ClusterCalls implements Cluster {
  readonly #gateways: GatewayLinks;
  readonly #queryTimeout: number;

  /**
   * @param gateways The links.
   * @param queryTimeout Milliseconds to wait for a gateway's answer.
   */
  constructor(gateways: GatewayLinks, queryTimeout: number) {
    this.#gateways = gateways;
    this.#queryTimeout = queryTimeout;
  }

  /** See {@linkcode Cluster.sendToAll}. */
  sendToAll(
    message: Message,
    options: SendToAllOptions = {},
  ): Promise<number | undefined> {
    const { clientIds } = options;
    const only = clientIds && groupByGateway(clientIds);
    return this.#fanOut(
      "sendToAll",
      Command.SendToAll,
      message,
      options,
      (gatewayId) => {
        if (only === undefined) return {};
        const connections = only.get(gatewayId);
        return connections && { connections };
      },
    );
  }

  /** See {@linkcode Cluster.sendToClient}. */
  sendToClient(
    clientId: string,
    message: Message,
    options: SendOptions = {},
  ): Promise<number | undefined> {
    const { gateway, connectionId } = this.#locate(clientId);
    const payload = payloadOf(message);
    const flags = flagsOf(message, options);
    if (gateway === undefined) return options.confirm ? NONE : UNCONFIRMED;
    const { link } = gateway;
    if (!options.confirm) {
      link.send(Command.SendToOne, connectionId, 0, payload, flags);
      return UNCONFIRMED;
    }
    return this.#ask(
      gateway,
      (id) => link.send(Command.SendToOne, connectionId, id, payload, flags),
    ).then(
      Number,
    );
  }

  /** See {@linkcode Cluster.sendToUid}. */
  sendToUid(
    uid: string | readonly string[],
    message: Message,
    options: FanOutOptions = {},
  ): Promise<number | undefined> {
    const uids = namesOf("uid", uid);
    return this.#fanOut(
      "sendToUid",
      Command.SendToUid,
      message,
      options,
      () => ({ uids }),
    );
  }

  /** See {@linkcode Cluster.sendToGroup}. */
  sendToGroup(
    group: string | readonly string[],
    message: Message,
    options: FanOutOptions | readonly string[] = {},
  ): Promise<number | undefined> {
    const groups = namesOf("group", group);
    return this.#fanOut(
      "sendToGroup",
      Command.SendToGroup,
      message,
      isList(options) ? { exclude: options } : options,
      () => ({ groups }),
    );
  }

  /** See {@linkcode Cluster.closeClient}. */
  closeClient(
    clientId: string,
    message?: Message,
    options: CloseOptions = {},
  ): Promise<boolean> {
    const head = encodeBody({ ...options, message: message !== undefined });
    const payload = message === undefined ? NOTHING : payloadOf(message);
    const flags = message === undefined ? 0 : flagsOf(message);
    return this.#change(
      Command.CloseClient,
      clientId,
      payload,
      head,
      flags,
    );
  }

  /** See {@linkcode Cluster.destroyClient}. */
  destroyClient(clientId: string): Promise<boolean> {
    return this.#change(Command.DestroyClient, clientId);
  }

  /** See {@linkcode Cluster.isOnline}. */
  isOnline(clientId: string): Promise<boolean> {
    return this.#change(Command.IsOnline, clientId);
  }

  /** See {@linkcode Cluster.bindUid}. */
  bindUid(clientId: string, uid: string): Promise<boolean> {
    const [name = ""] = namesOf("uid", uid);
    return this.#change(Command.BindUid, clientId, encoder.encode(name));
  }

  /** See {@linkcode Cluster.unbindUid}. */
  unbindUid(clientId: string): Promise<boolean> {
    return this.#change(Command.UnbindUid, clientId);
  }

  /** See {@linkcode Cluster.joinGroup}. */
  joinGroup(clientId: string, group: string): Promise<boolean> {
    const [name = ""] = namesOf("group", group);
    return this.#change(Command.JoinGroup, clientId, encoder.encode(name));
  }

  /** See {@linkcode Cluster.leaveGroup}. */
  leaveGroup(clientId: string, group: string): Promise<boolean> {
    const [name = ""] = namesOf("group", group);
    return this.#change(Command.LeaveGroup, clientId, encoder.encode(name));
  }

  /** See {@linkcode Cluster.getSession}. */
  async getSession(clientId: string): Promise<Session | undefined> {
    const { gateway, connectionId } = this.#locate(clientId);
    if (gateway === undefined) return undefined;
    const bytes = await this.#ask(
      gateway,
      (id) => gateway.link.send(Command.GetSession, connectionId, id),
    );
    if (!(bytes instanceof Uint8Array)) return undefined;
    return decodeSession(bytes.length === 0 ? undefined : bytes);
  }

  /** See {@linkcode Cluster.setSession}. */
  setSession(clientId: string, session: Session): Promise<boolean> {
    const head = encodeSession(session) ?? NOTHING;
    return this.#change(Command.SetSession, clientId, NOTHING, head);
  }

  /** See {@linkcode Cluster.updateSession}. */
  updateSession(clientId: string, update: Session): Promise<boolean> {
    const head = encodeSession(update) ?? encodeBody({});
    return this.#change(Command.UpdateSession, clientId, NOTHING, head);
  }

  /** Asks the gateway of one client to do something to it. */
  #change(
    command: Command,
    clientId: string,
    payload: Uint8Array = NOTHING,
    head?: Uint8Array,
    flags = 0,
  ): Promise<boolean> {
    const { gateway, connectionId } = this.#locate(clientId);
    if (gateway === undefined) return Promise.resolve(false);
    const { link } = gateway;
    return this.#ask(gateway, (id) => {
      if (head === undefined) {
        link.send(command, connectionId, id, payload, flags);
      } else link.sendHeaded(command, connectionId, id, head, payload, flags);
    }).then(Boolean);
  }

  /** Sends one message to every gateway that has targets, or asks each to confirm. */
  #fanOut(
    call: string,
    command: Command,
    message: Message,
    options: FanOutOptions,
    targetOn: (gatewayId: string) => Target | undefined,
  ): Promise<number | undefined> {
    const payload = payloadOf(message);
    const flags = flagsOf(message, options);
    const exclude = groupByGateway([options.exclude ?? []].flat());
    const sends = new Map<LinkedGateway, (id: number) => void>();
    for (const gateway of this.#gateways.all()) {
      const { link, gatewayId } = gateway;
      const target = targetOn(gatewayId);
      if (target === undefined) continue;
      const left = exclude.get(gatewayId);
      const full = left === undefined ? target : { ...target, exclude: left };
      const head = Object.keys(full).length > 0
        ? encodeTarget(full)
        : undefined;
      sends.set(gateway, (id) => {
        if (head === undefined) link.send(command, 0, id, payload, flags);
        else link.sendHeaded(command, 0, id, head, payload, flags);
      });
    }
    if (options.confirm) return this.#confirm(call, sends);
    for (const send of sends.values()) send(0);
    return UNCONFIRMED;
  }

  async #confirm(
    call: string,
    sends: ReadonlyMap<LinkedGateway, (id: number) => void>,
  ): Promise<number> {
    const gateways = [...sends.keys()];
    const results = await Promise.allSettled(
      [...sends].map(([gateway, send]) => this.#ask(gateway, send)),
    );
    let reached = 0;
    const silent: string[] = [];
    let cause: unknown;
    for (const [index, result] of results.entries()) {
      if (result.status === "fulfilled") reached += Number(result.value);
      else {
        silent.push(gateways[index]?.address ?? "");
        cause ??= result.reason;
      }
    }
    if (silent.length === 0) return reached;
    throw new PartialResultError(call, reached, silent, cause);
  }

  /** Sends a request and returns the one value of its reply. */
  #ask(
    { link, address }: LinkedGateway,
    send: (id: number) => void,
  ): Promise<unknown> {
    if (!link.isOpen) {
      return Promise.reject(
        new LinkClosedError(
          `Cannot query gateway "${address}": the link is closed`,
        ),
      );
    }
    const { id, reply } = link.pending.add(this.#queryTimeout);
    send(id);
    const first = reply.then(([value]) => value);
    first.catch(ignore);
    return first;
  }

  #locate(
    clientId: string,
  ): { gateway: LinkedGateway | undefined; connectionId: number } {
    const parsed = parseClientId(clientId);
    if (parsed === undefined) {
      throw new TypeError(
        `Cannot address client as its id must be 20 hex digits: current value is ${
          JSON.stringify(clientId)
        }`,
      );
    }
    const { gatewayId, connectionId } = parsed;
    return { gateway: this.#gateways.get(gatewayId), connectionId };
  }
}

const NONE: Promise<number> = Promise.resolve(0);

/** Whoever awaits a call sees its error; nobody is made to await. */
function ignore(): void {}

function payloadOf(message: Message): Uint8Array {
  if (typeof message === "string") return encoder.encode(message);
  if (message instanceof Uint8Array) return message;
  throw new TypeError(
    `Cannot send message as it must be a string or a Uint8Array: found ${
      message === null ? "null" : typeof message
    }`,
  );
}

function flagsOf(message: Message, { raw = false }: SendOptions = {}): number {
  return (typeof message === "string" ? 0 : Flag.Binary) |
    (raw ? Flag.Raw : 0);
}

function namesOf(what: string, names: string | readonly string[]): string[] {
  const list: string[] = isList(names) ? [...names] : [names];
  for (const name of list) {
    if (typeof name === "string" && name !== "") continue;
    throw new TypeError(
      `Cannot address ${what} as it must be a text that is not empty: current value is ${
        JSON.stringify(name)
      }`,
    );
  }
  return list;
}

function isList<Item>(value: unknown): value is readonly Item[] {
  return Array.isArray(value);
}

function groupByGateway(clientIds: readonly string[]): Map<string, number[]> {
  const byGateway = new Map<string, number[]>();
  for (const clientId of clientIds) {
    const parsed = parseClientId(clientId);
    if (parsed === undefined) continue;
    const ids = byGateway.get(parsed.gatewayId);
    if (ids === undefined) {
      byGateway.set(parsed.gatewayId, [parsed.connectionId]);
    } else ids.push(parsed.connectionId);
  }
  return byGateway;
}
