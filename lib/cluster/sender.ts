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
    const send = this.#prepare(fanOut);
    const names = namesIn(fanOut.target);
    const concerns = (gatewayId: string) =>
      fanOut.connections?.has(gatewayId) ??
        !this.#asker.isAbsent(gatewayId, names);
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
    for (const gateway of this.#asker.linked()) {
      if (concerns(gateway.gatewayId)) send(gateway, 0);
    }
    return UNCONFIRMED;
  }

  /** Checks and encodes all that goes to any gateway, before anything is sent. */
  #prepare(
    { command, message, options, target, connections }: FanOutCall,
  ): (gateway: LinkedGateway, id: number) => void {
    checkSendOptions(options);
    const payload = encodeMessage(message);
    const flags = flagsOf(message, options);
    const exclude = groupByGateway([options.exclude ?? []].flat());
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
    const common = headOf("");
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
