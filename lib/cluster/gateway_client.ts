import { parseAddress } from "../base/address.ts";
import { LinkClosedError } from "../base/errors.ts";
import { ClusterCalls } from "./cluster_calls.ts";
import { GatewayLinks } from "./gateway_links.ts";

/** Options for {@linkcode GatewayClient.connect}. */
export interface GatewayClientOptions {
  /**
   * Addresses of the Registers, `host:port`.
   *
   * @default {["127.0.0.1:1236"]}
   */
  readonly register?: string | readonly string[];
  /** The secret of the cluster. None by default. */
  readonly secretKey?: string | readonly string[];
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
}

/** The cluster API for any program: a web back end, a cron job, a test. */
export class GatewayClient extends ClusterCalls implements AsyncDisposable {
  readonly #gateways: GatewayLinks;

  private constructor(gateways: GatewayLinks, queryTimeout: number) {
    super(gateways, queryTimeout);
    this.#gateways = gateways;
  }

  /**
   * Joins a cluster: asks the Registers where the gateways are, links to each, and
   * follows their changes until disposed.
   *
   * @param options Where the cluster is.
   * @returns The API, when every gateway that is listed was linked to or tried.
   * @throws {LinkClosedError} If no Register answers in time.
   * @throws {TypeError} If an address is none.
   */
  static async connect(
    options: GatewayClientOptions = {},
  ): Promise<GatewayClient> {
    const {
      register = ["127.0.0.1:1236"],
      secretKey = [],
      name = "GatewayClient",
      connectTimeout = 5_000,
      queryTimeout = 5_000,
    } = options;
    const registers = [register].flat();
    for (const address of registers) parseAddress(address);
    const gateways = new GatewayLinks({
      registers,
      secretKeys: [secretKey].flat().filter((key) => key !== ""),
      introduction: { role: "client", name, instance: crypto.randomUUID() },
      linkHeartbeat: 5_000,
    });
    gateways.start();
    const client = new GatewayClient(gateways, queryTimeout);
    try {
      await client.#join(registers, connectTimeout);
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
    return client;
  }

  /** Writes what was sent, then leaves the cluster. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#gateways[Symbol.asyncDispose]();
  }

  async #join(registers: readonly string[], timeout: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() =>
        reject(
          new LinkClosedError(
            `Cannot join the cluster: no answer from Register ${
              registers.join(", ")
            } within ${timeout} ms`,
          ),
        ), timeout);
    });
    const joined = this.#gateways.listed.then(() => this.#gateways.attempted());
    try {
      await Promise.race([joined, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
