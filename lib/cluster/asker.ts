import {
  LinkClosedError,
  type LinkFullError,
  PartialResultError,
} from "../base/errors.ts";
import { CELL_MARK, type ClientAddress } from "../wire/bodies/client_id.ts";
import { readCellPart } from "../wire/bodies/crossing.ts";
import { Command } from "../wire/command.ts";
import type { Link } from "../link/link.ts";
import type { QueryOptions } from "./call_options.ts";
import {
  type Addressee,
  type CellRoute,
  Crossings,
  type FrameTarget,
  isAbroad,
  NO_ROUTES,
} from "./crossings.ts";
import type { LinkedGateway } from "./linked_gateway.ts";
import type { LinkedGateways } from "./linked_gateways.ts";
import { quiet } from "./quiet.ts";
import { Slices } from "./slices.ts";

/** Milliseconds that a bridge has beyond what it waits for cells. */
const CELL_MARGIN = 1_000;

/** How other cells are named if nothing is known of them, for want of a bridge. */
const NO_BRIDGE = { address: "other cells" };

/** Something that all gateways are asked, or some. */
export interface Question<Answer> {
  /** Name of the cluster call. */
  readonly call: string;
  /** Says whether a gateway is concerned; all are if absent. */
  readonly concerns?: (gatewayId: string) => boolean;
  /** Milliseconds to wait for a reply, if more than for others. */
  readonly timeout?: number;
  /** Its ways into other cells; none if absent. */
  readonly routes?: readonly CellRoute[] | undefined;
  /** Sends it, under a request id. */
  send(gateway: Addressee, id: number): void;
  /**
   * Takes one part of one gateway's reply: at once, or, if it may be long, step by
   * step. A part that is none is thrown by the first step.
   */
  take(
    part: unknown,
    gateway: Pick<Addressee, "gatewayId">,
  ): Iterator<void> | void;
  /** Puts together what was taken so far. */
  answer(): Answer;
}

/** How one gateway is asked. */
interface HowToAsk {
  readonly onPart?: (part: unknown) => void;
  readonly timeout?: number | undefined;
}

/** A gateway that did not answer. */
interface Silence {
  readonly address: string;
  readonly cause: unknown;
}

/** Asks gateways over their links, and puts their answers together. */
export class Asker {
  readonly #gateways: LinkedGateways;
  readonly #slices = new Slices();
  /** Ways into other cells. */
  readonly crossings: Crossings;
  /** Milliseconds to wait for a gateway's reply, and for each further part of it. */
  readonly timeout: number;

  /**
   * @param gateways The links.
   * @param timeout Milliseconds to wait for a gateway's reply.
   */
  constructor(gateways: LinkedGateways, timeout: number) {
    this.#gateways = gateways;
    this.crossings = new Crossings(gateways);
    this.timeout = timeout;
  }

  /**
   * The gateways that can be sent to now.
   *
   * @throws {LinkClosedError} If the links were closed for good.
   */
  linked(): Iterable<LinkedGateway> {
    this.#checkOpen();
    return this.#gateways.all();
  }

  /**
   * The gateway of a client, if it can be sent to now.
   *
   * @throws {LinkClosedError} If the links were closed for good.
   */
  gatewayOf({ gatewayId }: ClientAddress): LinkedGateway | undefined {
    this.#checkOpen();
    return this.#gateways.get(gatewayId);
  }

  /** A client's address as its own cell knows it: an id may name that, too. */
  atHome(address: ClientAddress): ClientAddress {
    const gatewayId = this.#atHome(address.gatewayId);
    return gatewayId === address.gatewayId
      ? address
      : { ...address, gatewayId };
  }

  /** The same for lists by gateway. */
  allAtHome<Item>(
    byGateway: ReadonlyMap<string, readonly Item[]>,
  ): ReadonlyMap<string, readonly Item[]> {
    if (![...byGateway.keys()].some(isAbroad)) return byGateway;
    const home = new Map<string, Item[]>();
    for (const [gatewayId, items] of byGateway) {
      const known = home.get(this.#atHome(gatewayId)) ?? [];
      home.set(this.#atHome(gatewayId), [...known, ...items]);
    }
    return home;
  }

  #atHome(gatewayId: string): string {
    if (!isAbroad(gatewayId)) return gatewayId;
    const [cell, rest = ""] = gatewayId.split(CELL_MARK);
    return cell === this.crossings.cell ? rest : gatewayId;
  }

  /** Counts and logs that a gateway was sent nothing since too much waits for it. */
  refuse(gateway: LinkedGateway): LinkFullError {
    return this.#gateways.refuse(gateway);
  }

  /** Whether a gateway speaks that version of the link protocol; one that is not linked may. */
  knows(gatewayId: string, version: number): boolean {
    const gateway = this.#gateways.get(gatewayId);
    return gateway === undefined || gateway.link.peer.version >= version;
  }

  /** Whether a gateway said that it has nobody of any of these names. */
  isAbsent(gatewayId: string, names: readonly string[]): boolean {
    return this.#gateways.get(gatewayId)?.absent.hasAll(names) ?? false;
  }

  /**
   * The gateway of a client is about to have somebody of that name.
   *
   * @param known Settles when it says so, or will not.
   */
  expect(
    { gatewayId }: ClientAddress,
    name: string,
    known: Promise<unknown>,
  ): void {
    this.#gateways.get(gatewayId)?.absent.expect(name, known);
  }

  /**
   * What a call is to send: the same, or a copy if it may have to wait until gateways
   * are known. Bytes may be lent to whoever calls, and be others by then.
   *
   * @param address The client it is for; nobody for all gateways.
   */
  toSend<Body>(body: Body, address?: ClientAddress): Body | Uint8Array {
    if (!(body instanceof Uint8Array)) return body;
    const isKnown = address === undefined
      ? this.#gateways.isKnown
      : this.#gateways.get(address.gatewayId) !== undefined;
    return isKnown ? body : new Uint8Array(body);
  }

  /**
   * Asks the gateway of one client.
   *
   * @param send Called at once if that gateway is linked; see {@linkcode Asker.toSend}.
   * @param read Makes the answer of the reply; of `undefined` if there is no such
   * gateway.
   */
  askOne<Answer>(
    given: ClientAddress,
    send: (link: FrameTarget, id: number) => void,
    read: (reply: unknown) => Answer,
  ): Promise<Answer> {
    const address = this.atHome(given);
    if (isAbroad(address.gatewayId)) {
      return quiet(this.#askAbroad(address, send).then(read));
    }
    const gateway = this.gatewayOf(address);
    const reply = gateway === undefined
      ? this.#askUnlinked(address, send)
      : this.#ask(gateway, send);
    return quiet(reply.then(read));
  }

  /** Asks one gateway, which is linked. */
  askLinked(
    gateway: LinkedGateway,
    send: (link: Link, id: number) => void,
    timeout: number = this.timeout,
  ): Promise<unknown> {
    return quiet(this.#ask(gateway, send, { timeout }));
  }

  /**
   * Waits until it is known which gateways there are.
   *
   * @throws {LinkClosedError} If that is not told in time.
   */
  async whenKnown(): Promise<void> {
    if (!this.#gateways.isKnown) await this.#gateways.known(this.timeout);
  }

  /** The gateway is one of another cell: its bridges ask it. */
  async #askAbroad(
    { gatewayId }: ClientAddress,
    send: (link: FrameTarget, id: number) => void,
  ): Promise<unknown> {
    let reply: unknown;
    const route = this.crossings.toGateway(
      gatewayId,
      ({ link }, id) => send(link, id),
    );
    const [silence] = await this.#hearCells(route, {
      call: "",
      send: () => {},
      take: (part) => void (reply = part),
      answer: () => reply,
    });
    if (silence !== undefined) throw silence.cause;
    return reply;
  }

  /** Asks all gateways that are concerned, at the same time. */
  askAll<Answer>(
    question: Question<Answer>,
    { partial = false }: QueryOptions = {},
  ): Promise<Answer> {
    this.#checkOpen();
    const asked = this.#gateways.isKnown
      ? this.#askEach(question)
      : this.#gateways.known(this.timeout)
        .then(() => this.#askEach(question));
    return quiet(asked.then((silent) => {
      const answer = question.answer();
      if (silent.length === 0 || partial) return answer;
      const addresses = silent.map(({ address }) => address);
      const cause = silent[0]?.cause;
      throw new PartialResultError(question.call, answer, addresses, cause);
    }));
  }

  /** Resolves when every gateway has taken what was sent to it, or is silent too long. */
  async flush(): Promise<void> {
    const nobody = (link: Link, id: number) =>
      link.send(Command.IsOnline, 0, id);
    await Promise.allSettled(
      Array.from(this.#gateways.all(), (each) => this.#ask(each, nobody)),
    );
  }

  async #askEach<Answer>(question: Question<Answer>): Promise<Silence[]> {
    const { concerns = () => true, routes = NO_ROUTES } = question;
    const abroad = routes.map((route) => this.#hearCells(route, question));
    const asked = [...this.#gateways.all()]
      .filter(({ gatewayId }) => concerns(gatewayId))
      .map((gateway) => this.#hear(gateway, question));
    const silent: Silence[] = this.#gateways.missing(concerns)
      .map((address) => ({ address, cause: unlinked(address) }));
    for (const silence of await Promise.all(asked)) {
      if (silence !== undefined) silent.push(silence);
    }
    if (abroad.length === 0) return silent;
    return [...silent, ...(await Promise.all(abroad)).flat()];
  }

  /** Asks other cells by a bridge; returns those that did not answer. */
  async #hearCells<Answer>(
    { bridge, send }: CellRoute,
    question: Question<Answer>,
  ): Promise<Silence[]> {
    const silent: Silence[] = [];
    if (bridge === undefined) return [{ ...NO_BRIDGE, cause: noBridge() }];
    const failure = await this.#hear(bridge, {
      ...question,
      // The bridge itself waits for cells, and says who did not answer.
      timeout: (question.timeout ?? this.timeout) + CELL_MARGIN,
      send: (_, id) => send(id),
      take: (part) => {
        const said = readCellPart(part);
        if ("silent" in said) {
          for (const address of said.silent) {
            silent.push({ address, cause: unheard(address) });
          }
          return;
        }
        const gatewayId = `${said.cell}${CELL_MARK}${said.gateway}`;
        return question.take(said.part, { gatewayId });
      },
    });
    return failure === undefined
      ? silent
      : [...silent, { ...NO_BRIDGE, cause: failure.cause }];
  }

  async #hear<Answer>(
    gateway: LinkedGateway,
    question: Question<Answer>,
  ): Promise<Silence | undefined> {
    const unfinished: Promise<void>[] = [];
    const take = (part: unknown) => {
      const steps = question.take(part, gateway);
      const done = steps && this.#slices.run(steps);
      if (done !== undefined) unfinished.push(quiet(done));
    };
    const send = (_link: Link, id: number) => question.send(gateway, id);
    const asked = this.#ask(gateway, send, {
      onPart: take,
      timeout: question.timeout,
    });
    try {
      await asked;
      await Promise.all(unfinished);
      return undefined;
    } catch (cause) {
      await Promise.allSettled(unfinished);
      return { address: gateway.address, cause };
    }
  }

  #ask(
    gateway: LinkedGateway,
    send: (link: Link, id: number) => void,
    { onPart, timeout = this.timeout }: HowToAsk = {},
  ): Promise<unknown> {
    const { link, address } = gateway;
    if (!link.isOpen) return Promise.reject(unlinked(address));
    if (link.isFull) return Promise.reject(this.refuse(gateway));
    const { id, reply } = link.pending.add(timeout, onPart);
    send(link, id);
    return reply.then(([value]) => value);
  }

  /** The gateway may be one that is being linked to, one that is missing, or none. */
  async #askUnlinked(
    address: ClientAddress,
    send: (link: Link, id: number) => void,
  ): Promise<unknown> {
    if (!this.#gateways.isKnown) await this.#gateways.known(this.timeout);
    const gateway = this.#gateways.get(address.gatewayId);
    if (gateway !== undefined) return await this.#ask(gateway, send);
    const isMeant = (gatewayId: string) => gatewayId === address.gatewayId;
    const [missing] = this.#gateways.missing(isMeant);
    if (missing !== undefined) throw unlinked(missing);
    return undefined;
  }

  #checkOpen(): void {
    if (!this.#gateways.isClosed) return;
    throw new LinkClosedError(
      "Cannot use the cluster: its client or worker was shut down",
    );
  }
}

function noBridge(): LinkClosedError {
  return new LinkClosedError(
    "Cannot reach other cells: no bridge of this one is linked and active",
  );
}

function unheard(address: string): LinkClosedError {
  return new LinkClosedError(`Cannot ask ${address}: it did not answer`);
}

function unlinked(address: string): LinkClosedError {
  return new LinkClosedError(
    `Cannot query gateway "${address}": there is no link to it now`,
  );
}
