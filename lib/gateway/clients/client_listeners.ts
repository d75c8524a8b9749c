import { readPem } from "../../base/pem.ts";
import { roomLogger } from "../../observe/logger.ts";
import type {
  Connection,
  ConnectionListener,
  Keeper,
} from "../../transport/connection.ts";
import { ConnectionLimit } from "../../transport/admission/connection_limit.ts";
import {
  boundedByFiles,
  readFileLimit,
} from "../../transport/admission/fd_limit.ts";
import type { EventStreams } from "../../transport/events/event_streams.ts";
import { ClientListener } from "../../transport/listener/listener.ts";
import type { Certificate } from "../../transport/listener/certificate.ts";
import { Unfinished } from "../../transport/admission/unfinished.ts";
import {
  listenerOptions,
  type ListenOptions,
  type ResolvedClientOptions,
  urlOf,
} from "./client_options.ts";

import type { ResolvedLimits } from "./limits_options.ts";

const logger = roomLogger("gateway");

type Entry = string | ListenOptions;

/** What {@linkcode ClientListeners} asks. */
export interface ClientListenerCalls {
  /** Called for each client, with the number of its listener. */
  accept(connection: Connection, listener: number): ConnectionListener;
  /** Says why no more clients should come; `undefined` if they should. */
  whyNotReady(): string | undefined;
  /** Has sessions outlive their sockets; none do if left out. */
  readonly keeper?: Keeper | undefined;
  /** Has such clients come without a WebSocket. */
  readonly events?: EventStreams | undefined;
}

/** What limits clients by their addresses, beside what they are told. */
export interface AddressLimits {
  /** Bits of an IPv4 address that are one. */
  readonly addressPrefixV4: number;
  /** Limits of uids and addresses. */
  readonly limits: ResolvedLimits;
}

/** Everything of a gateway that clients connect to. */
export class ClientListeners {
  readonly #options: ResolvedClientOptions;
  readonly #certificates: readonly (Certificate | undefined)[];
  readonly #connectionLimit: ConnectionLimit;
  readonly #unfinished: Unfinished;
  readonly #listeners: ClientListener[] = [];

  private constructor(
    options: ResolvedClientOptions,
    certificates: readonly (Certificate | undefined)[],
    connectionLimit: ConnectionLimit,
  ) {
    this.#options = options;
    this.#certificates = certificates;
    this.#connectionLimit = connectionLimit;
    this.#unfinished = new Unfinished(options.maxUnfinished);
  }

  /**
   * Reads what listening needs: certificates, and how many files may be open.
   *
   * @throws {TypeError} If a certificate cannot be read.
   */
  static async prepare(
    options: ResolvedClientOptions & AddressLimits,
  ): Promise<ClientListeners> {
    const { listen, maxConnections: wanted, limits } = options;
    const { addressPrefix, addressPrefixV4 } = options;
    const maxPerAddress = limits.addressConnections?.max ??
      options.maxPerAddress;
    const maxConnections = boundedByFiles(wanted, await readFileLimit());
    if (maxConnections < wanted) {
      logger.warn(
        "Takes {maxConnections} clients, not {wanted}: more file descriptors are not allowed (ulimit -n)",
        { maxConnections, wanted },
      );
    }
    return new ClientListeners(
      options,
      await Promise.all(listen.map((entry) => readPair(entry, options))),
      new ConnectionLimit({
        maxConnections,
        maxPerAddress: maxPerAddress || Infinity,
        addressPrefix,
        addressPrefixV4,
      }),
    );
  }

  /** Counts the clients of all listeners. */
  get limit(): ConnectionLimit {
    return this.#connectionLimit;
  }

  /** Most clients at a time. */
  get maxConnections(): number {
    return this.#connectionLimit.maxConnections;
  }

  /** Whether one more client may come. */
  get isAccepting(): boolean {
    return this.#listeners.some(({ isAccepting }) => isAccepting);
  }

  /** Where every listener listens, in the order of the options. */
  get addrs(): Deno.NetAddr[] {
    return this.#listeners.map(({ addr }) => addr);
  }

  /**
   * Listens.
   *
   * @param reusePort Whether other processes listen on the same ports.
   * @param calls Who comes in, and whether more should.
   * @throws {Deno.errors.AddrInUse} If a port is taken; some may be open then.
   * @throws {TypeError} If a URL or a certificate is none.
   * @throws {RangeError} If compression is asked for in a way that there is not.
   */
  async listen(
    reusePort: boolean,
    { accept, whyNotReady, keeper, events }: ClientListenerCalls,
  ): Promise<void> {
    for (const [index, entry] of this.#options.listen.entries()) {
      const options = {
        ...listenerOptions(entry, this.#options),
        ...this.#certificates[index],
        connectionLimit: this.#connectionLimit,
        unfinished: this.#unfinished,
        whyNotReady: () => whyNotReady() ?? this.#whyFull(),
        reusePort,
        ...(keeper && { keeper }),
        ...(events && { events }),
      };
      const listener = new ClientListener(
        urlOf(entry),
        options,
        (connection) => accept(connection, index),
      );
      this.#listeners.push(listener);
      await listener.listening;
    }
  }

  #whyFull(): string | undefined {
    return this.#connectionLimit.hasRoom
      ? undefined
      : "too many clients are connected";
  }

  /**
   * Reads all certificates again.
   *
   * @returns What puts them in use for new clients; those connected stay.
   * @throws {TypeError} If one cannot be used.
   */
  async readCertificates(): Promise<() => void> {
    const { listen } = this.#options;
    const pairs = await Promise.all(
      listen.map((entry) => readPair(entry, this.#options)),
    );
    const changes = this.#listeners.map((listener, index) => {
      const pair = pairs[index];
      return pair === undefined ? undefined : listener.prepare(pair);
    });
    return () => changes.forEach((change) => change?.());
  }

  /** Takes no further client; those connected stay. */
  close(): void {
    for (const listener of this.#listeners) listener.close();
  }

  /** Closes, and destroys the connections that are left. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) {
      await listener[Symbol.asyncDispose]();
    }
  }
}

async function readPair(
  entry: Entry,
  options: ResolvedClientOptions,
): Promise<Certificate | undefined> {
  const own: Partial<ListenOptions> = typeof entry === "string" ? {} : entry;
  const { cert = options.cert, key = options.key } = own;
  if (cert === undefined || key === undefined) return undefined;
  const { clientCa = options.clientCa } = own;
  return {
    cert: await readPem(cert),
    key: await readPem(key),
    ...(clientCa !== undefined && { ca: await readPem(clientCa) }),
  };
}
