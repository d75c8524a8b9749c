import { Command } from "../link/command.ts";
import { groupName, uidName } from "../link/interest_name.ts";
import { encodeTarget, type Target } from "../link/target.ts";
import {
  checkClientId,
  checkFrame,
  checkSendOptions,
  encodeMessage,
  flagsOf,
  groupByGateway,
  NOTHING,
} from "./arguments.ts";
import type { Asker } from "./asker.ts";
import type { FanOutOptions, Message, SendOptions } from "./call_options.ts";
import type { LinkedGateway } from "./gateway_links.ts";
import type { Link } from "../link/link.ts";

/** What an unconfirmed send returns: one promise for all of them. */
const UNCONFIRMED: Promise<undefined> = Promise.resolve(undefined);

/** Characters of a text that is encoded for one gateway alone, without a copy. */
const MAX_SHORT = 16_384;

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
}

/** Sends messages to clients, by way of their gateways. */
export class Sender {
  readonly #asker: Asker;
  /** Heads that mean one uid or group, by its name in {@linkcode namesIn}. */
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
    const payload = encodeMessage(message);
    const flags = flagsOf(message, options);
    const { connectionId } = address;
    const { key } = options;
    const head = key === undefined ? undefined : encodeTarget({ key });
    const send = (link: Link, id: number) =>
      head === undefined
        ? link.send(Command.SendToOne, connectionId, id, payload, flags)
        : link.sendHeaded(
          Command.SendToOne,
          connectionId,
          id,
          head,
          payload,
          flags,
        );
    if (options.confirm) {
      return this.#asker.askOne(
        address,
        send,
        (reached) => Number(reached ?? 0),
      );
    }
    const gateway = this.#asker.gatewayOf(address);
    if (gateway !== undefined) send(gateway.link, 0);
    return UNCONFIRMED;
  }

  /** Sends to many. */
  toMany(fanOut: FanOutCall): Promise<number | undefined> {
    checkSendOptions(fanOut.options);
    const names = namesIn(fanOut.target);
    const concerns = (gatewayId: string) =>
      fanOut.connections?.has(gatewayId) ??
        !this.#asker.isAbsent(gatewayId, names);
    if (fanOut.options.confirm) {
      const send = this.#prepare(fanOut, names);
      let reached = 0;
      return this.#asker.askAll({
        call: fanOut.call,
        concerns,
        send,
        take: (count) => void (reached += Number(count)),
        answer: () => reached,
      });
    }
    const gateways = Array.from(this.#asker.linked())
      .filter(({ gatewayId }) => concerns(gatewayId));
    const [first] = gateways;
    const isOne = gateways.length === 1 && first !== undefined;
    if (isOne && this.#sendShort(first, fanOut, names)) return UNCONFIRMED;
    const send = this.#prepare(fanOut, names);
    for (const gateway of gateways) send(gateway, 0);
    return UNCONFIRMED;
  }

  /** Hot: encodes a short text where it leaves from; returns whether it was one. */
  #sendShort(
    { link }: LinkedGateway,
    { command, message, options, target, connections }: FanOutCall,
    names: readonly string[],
  ): boolean {
    const { exclude, key } = options;
    if (typeof message !== "string" || message.length > MAX_SHORT) return false;
    if (connections !== undefined || exclude !== undefined) return false;
    const head = this.#headOf({ ...target, key }, names);
    link.sendText(command, 0, 0, message, flagsOf(message, options), head);
    return true;
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
    { command, message, options, target, connections }: FanOutCall,
    names: readonly string[],
  ): (gateway: LinkedGateway, id: number) => void {
    const payload = encodeMessage(message);
    const flags = flagsOf(message, options);
    const exclude = groupByGateway([options.exclude ?? []].flat());
    const common = this.#headOf({ ...target, key: options.key }, names);
    checkFrame(common, payload);
    const headOf = (gatewayId: string) => {
      const head = encodeHead({
        ...target,
        connections: connections?.get(gatewayId),
        exclude: exclude.get(gatewayId),
        key: options.key,
      });
      checkFrame(head, payload);
      return head;
    };
    const special = new Map(
      [...exclude.keys(), ...connections?.keys() ?? []]
        .map((gatewayId) => [gatewayId, headOf(gatewayId)]),
    );
    return ({ link, gatewayId }, id) => {
      const head = special.get(gatewayId) ?? common;
      if (head.length === 0) link.send(command, 0, id, payload, flags);
      else link.sendHeaded(command, 0, id, head, payload, flags);
    };
  }
}

/** The names that a gateway may have said nobody there has. */
function namesIn({ uids = [], groups = [] }: Target = {}): string[] {
  return [...uids.map(uidName), ...groups.map(groupName)];
}

/** No head means everybody. */
function encodeHead(target: Target): Uint8Array {
  const isEverybody = Object.values(target).every((part) => part === undefined);
  return isEverybody ? NOTHING : encodeTarget(target);
}
