import { parseAddress } from "../base/address.ts";
import { LinkClosedError } from "../base/errors.ts";
import { endsWithin } from "../base/pause.ts";
import { DEFAULT_GATHER_WITHIN } from "../wire/gatherer.ts";
import { Command } from "../wire/command.ts";
import {
  type BusyNames,
  type ConnectionList,
  type ConnectionQuery,
  encodeConnectionQuery,
  mergeBusyNames,
  mergeConnectionLists,
  readBusyNames,
  readConnectionList,
} from "../wire/bodies/connection_list.ts";
import { Asker } from "./asker.ts";
import { ClusterCalls } from "./cluster_calls.ts";
import { GatewayLinks } from "./gateway_links.ts";
import { DEFAULT_LINK_BUFFER } from "./outflow.ts";
import { PushClient, type PushClientOptions } from "./push_client.ts";
import type { OriginalOptions } from "../original/originals.ts";
import { Trust, type TrustOptions } from "../peer/trust.ts";
import { WorkerNotices } from "./worker_notices.ts";

/** Longest time that can be waited, in milliseconds: a day. */
const MAX_TIME = 86_400_000;

/** Options for {@linkcode GatewayClient.connect}. */
export interface GatewayClientOptions extends TrustOptions, OriginalOptions {
  /**
   * Addresses of the Registers, `host:port`.
   *
   * @default {["127.0.0.1:1236"]}
   */
  readonly register?: string | readonly string[];
  /**
   * Name, for people.
   *
   * @default {"GatewayClient"}
   */
  readonly name?: string;
  /**
   * Milliseconds to wait for a Register's answer and the first links.
   *
   * @default {5_000}
   */
  readonly connectTimeout?: number;
  /**
   * Milliseconds to wait for a gateway's answer to a call.
   *
   * @default {5_000}
   */
  readonly queryTimeout?: number;
  /**
   * Bytes that may wait to leave for one gateway. Above a 16th, awaited sends wait for
   * it; above all of it, sends and calls reject.
   *
   * @default {67_108_864}
   */
  readonly linkBuffer?: number;
}

/** The cluster API for any program: a web back end, a cron job, a test. */
export class GatewayClient extends ClusterCalls implements AsyncDisposable {
  readonly #gateways: GatewayLinks;
  readonly #trust: Trust;
  readonly #asker: Asker;
  readonly #notices: WorkerNotices;

  private constructor(
    gateways: GatewayLinks,
    trust: Trust,
    queryTimeout: number,
  ) {
    const notices = new WorkerNotices(gateways, queryTimeout);
    super(gateways, queryTimeout, notices);
    this.#notices = notices;
    this.#gateways = gateways;
    this.#trust = trust;
    this.#asker = new Asker(gateways, queryTimeout);
  }

  /**
   * Joins a cluster: asks the Registers where the gateways are, links to each, and
   * follows their changes until disposed.
   *
   * @param options Where the cluster is.
   * @returns The API, when every gateway that is listed was linked to or tried.
   * @throws {LinkClosedError} If no Register answers in time.
   * @throws {TypeError} If an address is none.
   * @throws {RangeError} If a time or a number of bytes is not positive.
   */
  static connect(options?: GatewayClientOptions): Promise<GatewayClient>;
  /**
   * Connects to NATS, where bridges hear what a program without links wants to reach
   * the clients of all cells with.
   *
   * @param options Where NATS is, and the key of programs that push.
   * @returns What such a program may do.
   * @throws {LinkClosedError} If no server of NATS is reached in time.
   * @throws {TypeError} If an option is none, there is no key, or a file cannot be used.
   */
  static connect(options: PushClientOptions): Promise<PushClient>;
  static connect(
    options: GatewayClientOptions | PushClientOptions = {},
  ): Promise<GatewayClient | PushClient> {
    return "nats" in options
      ? PushClient.connect(options)
      : GatewayClient.#connect(options);
  }

  static async #connect(
    options: GatewayClientOptions,
  ): Promise<GatewayClient> {
    const {
      register = ["127.0.0.1:1236"],
      name = "GatewayClient",
      connectTimeout = 5_000,
      queryTimeout = 5_000,
      linkBuffer = DEFAULT_LINK_BUFFER,
    } = options;
    const registers = [register].flat();
    for (const address of registers) parseAddress(address);
    checkTimes({ connectTimeout, queryTimeout });
    if (!(linkBuffer > 0)) {
      throw new RangeError(
        `Cannot join the cluster as linkBuffer must be > 0 bytes: current value is ${linkBuffer}`,
      );
    }
    const trust = await Trust.load(options);
    const gateways = new GatewayLinks({
      registers,
      trust,
      introduction: { role: "client", name, instance: crypto.randomUUID() },
      linkHeartbeat: 5_000,
      gatherWithin: DEFAULT_GATHER_WITHIN,
      linkBuffer,
      original: options,
    });
    gateways.start();
    const client = new GatewayClient(gateways, trust, queryTimeout);
    try {
      await client.#join(registers, connectTimeout);
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  /**
   * Reads secret keys and certificates again, for links that are made from now on.
   *
   * @param secretKey Replaces the option, if given.
   * @throws {TypeError} If a file cannot be used: then all stays as it was.
   * @throws {RangeError} If there are too many keys.
   */
  async renewTrust(secretKey?: string | readonly string[]): Promise<void> {
    await this.#trust.renew(secretKey);
  }

  /**
   * Returns some of the clients that are connected, as an operator sees them, the
   * same share of each gateway.
   *
   * @param limit Most clients to return; of one gateway, at most 2,000.
   * @param subject Only the client of this id, or the clients of this uid.
   * @throws {PartialResultError} If a gateway does not answer.
   */
  async connections(
    limit?: number,
    subject?: string,
  ): Promise<ConnectionList> {
    const most = limit ?? 100;
    const parts = await this.#ask({ limit: most, subject });
    return mergeConnectionLists(parts.map(readConnectionList), most);
  }

  /**
   * Returns some members of a group, as {@linkcode GatewayClient.connections} does.
   * Gateways older than this version find none.
   *
   * @param group The group.
   * @param limit Most clients to return; of one gateway, at most 2,000.
   * @throws {PartialResultError} If a gateway does not answer.
   */
  async connectionsInGroup(
    group: string,
    limit = 100,
  ): Promise<ConnectionList> {
    const parts = await this.#ask({ limit, group });
    return mergeConnectionLists(parts.map(readConnectionList), limit);
  }

  /**
   * Finds the groups with the most clients and the uids whose clients have raised the
   * most events, for an operator. A name that is far down on every gateway may be missed.
   *
   * @param limit How many of each.
   * @throws {PartialResultError} If a gateway does not answer.
   */
  async busiest(limit = 10): Promise<BusyNames> {
    const parts = await this.#ask({ limit: 0, busiest: 2 * limit });
    return mergeBusyNames(parts.map(readBusyNames), limit);
  }

  async #ask(query: ConnectionQuery): Promise<unknown[]> {
    const head = encodeConnectionQuery(query);
    const parts: unknown[] = [];
    return await this.#asker.askAll({
      call: "connections",
      send: ({ link }, id) =>
        link.sendHeaded(Command.ListConnections, 0, id, head),
      take: (part) => void parts.push(part),
      answer: () => parts,
    });
  }

  /** Waits until every gateway has taken what was sent to it, then leaves the cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#notices.settled();
    await this.#asker.flush();
    await this.#gateways[Symbol.asyncDispose]();
  }

  async #join(registers: readonly string[], timeout: number): Promise<void> {
    const joined = this.#gateways.listed.then(() => this.#gateways.attempted());
    await endsWithin(joined, timeout);
    if (this.#gateways.hasList) return;
    throw new LinkClosedError(
      `Cannot join the cluster: no answer from Register ${
        registers.join(", ")
      } within ${timeout} ms`,
    );
  }
}

function checkTimes(times: Record<string, number>): void {
  for (const [name, time] of Object.entries(times)) {
    if (time > 0 && time <= MAX_TIME) continue;
    throw new RangeError(
      `Cannot join the cluster as ${name} must be 1 to ${MAX_TIME} milliseconds: current value is ${time}`,
    );
  }
}
