import { NO_BYTES } from "../base/no_bytes.ts";
import { Command } from "../wire/command.ts";
import { Flag } from "../wire/frame.ts";
import { KNOWS_CLAIMS, KNOWS_SESSIONS } from "../link/link_version.ts";
import { encodeTarget, type Target } from "../wire/bodies/target.ts";
import { PartialResultError } from "../base/errors.ts";
import {
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
import type { Link } from "../link/link.ts";
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
    const address = checkClientId(clientId);
    checkSendOptions(options);
    const body = this.#asker.toSend(toBody(message), address);
    const flags = flagsOf(message, options);
    const { connectionId } = address;
    const { key } = options;
    const head = key === undefined ? NO_BYTES : encodeTarget({ key });
    const send = (link: Link, id: number) =>
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
    if (gateway === undefined) return UNCONFIRMED;
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
  toMany(fanOut: FanOutCall): Promise<number | undefined> {
    checkSendOptions(fanOut.options);
    const names = namesOf(fanOut.target);
    const concerns = (gatewayId: string) =>
      (fanOut.connections?.has(gatewayId) ??
        !this.#asker.isAbsent(gatewayId, names)) &&
      (fanOut.kind === undefined ||
        this.#asker.knows(gatewayId, KNOWS_SESSIONS));
    const send = this.#prepare(fanOut, names);
    if (fanOut.options.confirm) {
      let reached = 0;
      return this.#asker.askAll({
        call: fanOut.call,
        concerns,
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
    if (high.length === 0) return UNCONFIRMED;
    return quiet(this.#sendAllHigh(fanOut.call, high, send));
  }

  /** Sends to gateways that do not keep up, and waits for them. */
  async #sendAllHigh(
    call: string,
    gateways: readonly LinkedGateway[],
    send: (gateway: LinkedGateway, id: number) => void,
  ): Promise<undefined> {
    const results = await Promise.allSettled(
      gateways.map((each) => this.#sendHigh(each, () => send(each, 0))),
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
  ): (gateway: LinkedGateway, id: number) => void {
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
    const exclude = groupByGateway([options.exclude ?? []].flat());
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
function on({ peer: { version } }: Link, stamp: number): number {
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
