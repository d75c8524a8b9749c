import { NO_BYTES } from "../base/no_bytes.ts";
import { Command } from "../wire/command.ts";
import { Flag } from "../wire/frame.ts";
import { KNOWS_CLAIMS, KNOWS_SESSIONS } from "../link/link_version.ts";
import { encodeTarget, type Target } from "../wire/bodies/target.ts";
import { PartialResultError } from "../base/errors.ts";
import { groupName, uidName } from "../wire/bodies/interest_name.ts";
import {
  checkCells,
  checkClientId,
  checkFrame,
  checkNames,
  checkOptions,
  checkSendOptions,
  encodeMessage,
  flagsOf,
  groupByGateway,
} from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type {
  FanOutOptions,
  Message,
  SendOptions,
  SendToAllOptions,
} from "./call_options.ts";
import type { LinkedGateway } from "./linked_gateway.ts";
import {
  type CellRoute,
  type FrameTarget,
  isAbroad,
  NO_ROUTES,
  type WriteCommand,
} from "./crossings.ts";
import { quiet } from "./quiet.ts";
import { namesOf } from "./typed_arguments.ts";

/** What an unconfirmed send returns: one promise for all of them. */
const UNCONFIRMED: Promise<undefined> = Promise.resolve(undefined);

/** Characters of a text that is encoded for each gateway anew, without a copy. */
const MAX_SHORT = 16_384;

/** Largest stamp; then they begin again at 1. */
const MAX_STAMP = 0xffff_ffff;

/** Most heads remembered. */
const MAX_HEADS = 1_000;

/** A message to many. */
export interface FanOutCall {
  /** Name of the cluster call. */
  readonly call: string;
  /** What the gateways are told to do. */
  readonly command: Command;
  /** The message. */
  readonly message: Message;
  /** As the caller gave them. */
  readonly options: FanOutOptions;
  /** Whom it goes to, if not to listed clients. */
  readonly target?: Target;
  /** Whom it goes to, by gateway. */
  readonly connections?: ReadonlyMap<string, readonly number[]> | undefined;
  /** A typed frame goes to those only who know them. */
  readonly kind?: "typed";
}

/** A gateway that does not keep up, and what is to be sent to it. */
interface Behind {
  readonly gateway: LinkedGateway;
  send(): void;
}

/** Sends messages to clients, by way of their gateways. */
export class Sender {
  readonly #asker: Asker;
  /**
   * Counts messages to many: gateways tell by it which of them both had that one has, and
   * the other, while a client moves from one to the other. Never 0.
   */
  #stamp = 0;
  /** Heads that mean one uid or group, by its name in {@linkcode namesOf}. */
  readonly #heads = new Map<string, Uint8Array>();

  /** @param asker Knows the gateways. */
  constructor(asker: Asker) {
    this.#asker = asker;
  }

  /** Sends to one client. */
  toOne(
    clientId: string,
    message: Message,
    options: SendOptions,
  ): Promise<number | undefined> {
    const address = this.#asker.atHome(checkClientId(clientId));
    checkSendOptions(options);
    const body = this.#asker.toSend(toBody(message), address);
    const flags = flagsOf(message, options);
    const { connectionId } = address;
    const { key } = options;
    const head = key === undefined ? NO_BYTES : encodeTarget({ key });
    const send = (link: FrameTarget, id: number) =>
      link.sendMessage(
        Command.SendToOne,
        connectionId,
        id,
        body,
        flags,
        head,
      );
    if (options.confirm) {
      return this.#asker.askOne(
        address,
        send,
        (reached) => Number(reached ?? 0),
      );
    }
    const gateway = this.#asker.gatewayOf(address);
    if (gateway === undefined) {
      if (!isAbroad(address.gatewayId)) return UNCONFIRMED;
      return this.#sendAbroad("sendToClient", [
        this.#asker.crossings.toGateway(
          address.gatewayId,
          ({ link }, id) => send(link, id),
        ),
      ], []);
    }
    if (gateway.outflow.isHigh) {
      return quiet(this.#sendHigh(gateway, () => send(gateway.link, 0)));
    }
    send(gateway.link, 0);
    return UNCONFIRMED;
  }

  /** Sends to everybody, or to listed clients. */
  toAll(
    message: Message,
    options: SendToAllOptions,
  ): Promise<number | undefined> {
    checkOptions(options);
    const { clientIds } = options;
    const connections = clientIds && groupByGateway(clientIds);
    const command = Command.SendToAll;
    return this.toMany({
      call: "sendToAll",
      command,
      message,
      options,
      connections,
    });
  }

  /** Sends to listed clients. */
  toClients(
    clientIds: readonly string[],
    message: Message,
    options: FanOutOptions,
  ): Promise<number | undefined> {
    const connections = groupByGateway(clientIds);
    const command = Command.SendToAll;
    const call = "sendToClients";
    return this.toMany({ call, command, message, options, connections });
  }

  /** Sends to the clients of uids. */
  toUid(
    uid: string | readonly string[],
    message: Message,
    options: FanOutOptions,
  ): Promise<number | undefined> {
    const target = { uids: checkNames("uid", uid) };
    const command = Command.SendToUid;
    return this.toMany({
      call: "sendToUid",
      command,
      message,
      options,
      target,
    });
  }

  /** Sends to the members of groups. */
  toGroup(
    group: string | readonly string[],
    message: Message,
    given: FanOutOptions | readonly string[],
  ): Promise<number | undefined> {
    const target = { groups: checkNames("group", group) };
    const options = isList(given) ? { exclude: given } : given;
    const command = Command.SendToGroup;
    const call = "sendToGroup";
    return this.toMany({ call, command, message, options, target });
  }

  /** Sends to many. */
  toMany(given: FanOutCall): Promise<number | undefined> {
    checkSendOptions(given.options);
    checkCells(given.options.cells);
    const fanOut = given.connections === undefined ? given : {
      ...given,
      connections: this.#asker.allAtHome(given.connections),
    };
    const names = namesOf(fanOut.target);
    const concerns = (gatewayId: string) =>
      (fanOut.connections?.has(gatewayId) ??
        !this.#asker.isAbsent(gatewayId, names)) &&
      (fanOut.kind === undefined ||
        this.#asker.knows(gatewayId, KNOWS_SESSIONS));
    const send = this.#prepare(fanOut, names);
    const routes = this.#asker.crossings.areAny
      ? this.#routes(fanOut, names, send)
      : NO_ROUTES;
    if (fanOut.options.confirm) {
      let reached = 0;
      return this.#asker.askAll({
        call: fanOut.call,
        concerns,
        routes,
        send,
        take: (count) => void (reached += Number(count)),
        answer: () => reached,
      });
    }
    const high: LinkedGateway[] = [];
    for (const gateway of this.#asker.linked()) {
      if (!concerns(gateway.gatewayId)) continue;
      if (gateway.outflow.isHigh) high.push(gateway);
      else send(gateway, 0);
    }
    if (routes.length + high.length === 0) return UNCONFIRMED;
    const behind = high.map((gateway) => ({
      gateway,
      send: () => send(gateway, 0),
    }));
    return this.#sendAbroad(fanOut.call, routes, behind);
  }

  /** The ways into other cells of a message to many. */
  #routes(
    fanOut: FanOutCall,
    names: readonly string[],
    send: WriteCommand,
  ): readonly CellRoute[] {
    const { crossings } = this.#asker;
    const { connections, target = {}, options } = fanOut;
    if (connections !== undefined) {
      return crossings.toGateways(connections.keys(), send);
    }
    if (names.length > 0) {
      return crossings.named(names, (some) => {
        if (some.length === names.length) return send;
        const { uids, groups } = target;
        const part = {
          ...target,
          uids: uids?.filter((uid) => some.includes(uidName(uid))),
          groups: groups?.filter((group) => some.includes(groupName(group))),
        };
        return this.#prepare({ ...fanOut, target: part }, some);
      });
    }
    return options.cells === undefined
      ? NO_ROUTES
      : crossings.wrapped({}, send);
  }

  /** Hands what nobody waits for to bridges; returns as {@linkcode Sender.toMany}. */
  #sendAbroad(
    call: string,
    routes: readonly CellRoute[],
    behind: Behind[],
  ): Promise<undefined> {
    for (const { bridge, send } of routes) {
      if (!bridge?.outflow.isHigh) send(0);
      else behind.push({ gateway: bridge, send: () => send(0) });
    }
    if (behind.length === 0) return UNCONFIRMED;
    return quiet(this.#sendAllHigh(call, behind));
  }

  /** Sends to gateways that do not keep up, and waits for them. */
  async #sendAllHigh(
    call: string,
    behind: readonly Behind[],
  ): Promise<undefined> {
    const gateways = behind.map(({ gateway }) => gateway);
    const results = await Promise.allSettled(
      behind.map(({ gateway, send }) => this.#sendHigh(gateway, send)),
    );
    const isFull = (index: number) => results[index]?.status === "rejected";
    const full = gateways.filter((_, index) => isFull(index));
    if (full.length === 0) return undefined;
    const addresses = full.map(({ address }) => address);
    const failure = results.find(({ status }) => status === "rejected");
    const { reason } = failure as PromiseRejectedResult;
    throw new PartialResultError(call, undefined, addresses, reason);
  }

  /** Sends to a gateway that does not keep up, and waits for it; unless too much waits already. */
  #sendHigh(gateway: LinkedGateway, send: () => void): Promise<undefined> {
    if (gateway.link.isFull) return Promise.reject(this.#asker.refuse(gateway));
    send();
    return gateway.outflow.wait();
  }

  /** Encodes a target; the same few are meant again and again. */
  #headOf(target: Target, names: readonly string[]): Uint8Array {
    const [name] = names;
    const isLone = names.length === 1 && target.key === undefined;
    if (name === undefined || !isLone) return encodeHead(target);
    const known = this.#heads.get(name);
    if (known !== undefined) return known;
    const head = encodeHead(target);
    if (this.#heads.size >= MAX_HEADS) this.#heads.clear();
    this.#heads.set(name, head);
    return head;
  }

  /** Checks and encodes all that goes to any gateway, before anything is sent. */
  #prepare(
    { command, message, options, target, connections, kind }: FanOutCall,
    names: readonly string[],
  ): WriteCommand {
    const body = this.#asker.toSend(toBody(message));
    const stamp = this.#nextStamp();
    const flags = flagsOf(message, options) |
      (kind === "typed" ? Flag.Typed : 0);
    const { key } = options;
    const common = this.#headOf({ ...target, key }, names);
    checkFrame(common, body);
    if (connections === undefined && options.exclude === undefined) {
      return ({ link }, id) =>
        link.sendMessage(command, on(link, stamp), id, body, flags, common);
    }
    const exclude = this.#asker.allAtHome(
      groupByGateway([options.exclude ?? []].flat()),
    );
    const headOf = (gatewayId: string) => {
      const head = encodeHead({
        ...target,
        connections: connections?.get(gatewayId),
        exclude: exclude.get(gatewayId),
        key,
      });
      checkFrame(head, body);
      return head;
    };
    const special = new Map(
      [...exclude.keys(), ...connections?.keys() ?? []]
        .map((gatewayId) => [gatewayId, headOf(gatewayId)]),
    );
    return ({ link, gatewayId }, id) => {
      const head = special.get(gatewayId) ?? common;
      link.sendMessage(command, on(link, stamp), id, body, flags, head);
    };
  }

  #nextStamp(): number {
    return this.#stamp = this.#stamp >= MAX_STAMP ? 1 : this.#stamp + 1;
  }
}

/** What of a stamp a gateway may be told. */
function on({ peer: { version } }: FrameTarget, stamp: number): number {
  return version < KNOWS_CLAIMS ? 0 : stamp;
}

/** Encodes what is long, once for all gateways; a short text is encoded where it leaves from. */
function toBody(message: Message): string | Uint8Array {
  return typeof message === "string" && message.length <= MAX_SHORT
    ? message
    : encodeMessage(message);
}

function isList<Item>(value: unknown): value is readonly Item[] {
  return Array.isArray(value);
}

/** No head means everybody. */
export function encodeHead(target: Target): Uint8Array {
  const isEverybody = Object.values(target).every((part) => part === undefined);
  return isEverybody ? NO_BYTES : encodeTarget(target);
}
