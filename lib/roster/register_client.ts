import { parseAddress } from "../base/address.ts";
import { now } from "../base/clock.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { AddressBook } from "./address_book.ts";
import {
  keepRegisterLink,
  type RegisterLinkLoss,
  type RegisterLinkStatus,
} from "./register_link.ts";
import type {
  BridgeConnect,
  Conflict,
  GatewayConnect,
  WorkerConnect,
} from "./register_message.ts";
import { Trust } from "../peer/trust.ts";

const logger = roomLogger("link");

/** Milliseconds after which everybody has come back to a Register that was started anew. */
const RETURN_TIME = 5_000;

/** Longest name that is told, in UTF-16 units. */
const MAX_NAME = 128;

/** Registers of the original: they are shown a key in clear, and only they. */
export interface OriginalRegisters {
  /** Their addresses, as they stand in `registers`. */
  readonly addresses: readonly string[];
  /** What they are shown; empty for none. */
  readonly secretKey: string;
}

/** Options for {@linkcode RegisterClient}. */
export interface RegisterClientOptions {
  /** Every Register to talk to, `host:port` each; host names are looked up at each dial. */
  registers: readonly string[];
  /** What we say of ourselves, first on every link. */
  introduction: GatewayConnect | BridgeConnect | WorkerConnect;
  /**
   * What we believe and show; with a secret key, the introduction needs none.
   *
   * @default {Trust.NONE}
   */
  trust?: Trust;
  /**
   * Is told what the Registers say together: after the first list, which may be
   * empty, and whenever it changes; and which of that Registers of ours call gateways
   * of the original, and where bridges are, which are none of the addresses. The sets
   * are the caller's to keep. Must not throw.
   */
  onAddresses?: (
    addresses: ReadonlySet<string>,
    originals: ReadonlySet<string>,
    bridges: ReadonlySet<string>,
  ) => void;
  /** Which Registers are originals; none are if absent. */
  originals?: OriginalRegisters | undefined;
  /** Says how we are, to Registers that want to know. Must not throw. */
  report?: () => Readonly<Record<string, unknown>>;
  /** Is told what happens to each link. Must not throw. */
  onStatus?: (status: RegisterLinkStatus) => void;
  /**
   * How long a dial may take, in milliseconds.
   *
   * @default {3_000}
   */
  connectTimeout?: number;
  /**
   * Milliseconds between two pings.
   *
   * @default {25_000}
   */
  pingInterval?: number;
  /**
   * How long a Register that went away is believed, in milliseconds. It is
   * believed for longer while no other one is there.
   *
   * @default {60_000}
   */
  forgetTimeout?: number;
}

/**
 * One role's conversation with all the Registers it was told of: introduces the
 * role to each, for ever, and puts together what they say.
 *
 * What a Register says is soft. An address that disappears from the union says
 * that nobody announces it now, not that the gateway is gone: dial what appears,
 * and cut nothing that is up.
 */
export class RegisterClient implements AsyncDisposable {
  readonly #options: RegisterClientOptions;
  readonly #registers: ReadonlySet<string>;
  readonly #book = new AddressBook();
  readonly #joined = new Set<string>();
  readonly #losses = new Map<string, RegisterLinkLoss>();
  /** The Registers that are of our own kind. */
  readonly #ours = new Set<string>();
  /** Since when Registers are away that were heard once, `now()`. */
  readonly #silentSince = new Map<string, number>();
  /** From when on those are believed that are there, `now()`. */
  readonly #wholeFrom = new Map<string, number>();
  readonly #forgetting = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #log = new RateLimitedLog();
  readonly #end = new AbortController();
  #addresses: ReadonlySet<string> | undefined;
  #originals: ReadonlySet<string> = new Set();
  #bridges: ReadonlySet<string> = new Set();
  #links: Promise<void>[] = [];
  /** How often a link on which a Register had taken us in was lost. */
  lostLinks = 0;

  /**
   * Does nothing yet.
   *
   * @param options Which Registers, who we are, and who is told.
   * @throws {TypeError} If one of the Registers' addresses is none, or an original is
   * none of the Registers.
   */
  constructor(options: RegisterClientOptions) {
    for (const register of options.registers) parseAddress(register);
    for (const original of options.originals?.addresses ?? []) {
      if (options.registers.includes(original)) continue;
      throw new TypeError(
        `Cannot use "${original}" as a Register of the original as it must be one of the Registers: they are ${
          options.registers.join(", ")
        }`,
      );
    }
    this.#registers = new Set(options.registers);
    this.#options = options;
  }

  /** What the Registers said last, together; empty before the first has spoken. */
  get addresses(): ReadonlySet<string> {
    return this.#addresses ?? new Set();
  }

  /** Each Register, and whether it has taken us in on a link that is up. */
  registers(): { address: string; joined: boolean }[] {
    return Array.from(
      this.#registers,
      (address) => ({ address, joined: this.#joined.has(address) }),
    );
  }

  /** Why there is no link to a Register, for each to which there is none. */
  get losses(): ReadonlyMap<string, RegisterLinkLoss> {
    return this.#losses;
  }

  /**
   * Whether a Register is there that knows who is up: one that came back may have been
   * started anew, and not have heard of everybody.
   */
  get isInformed(): boolean {
    const time = now();
    for (const from of this.#wholeFrom.values()) if (time >= from) return true;
    return false;
  }

  /**
   * The Registers that can be asked how the cluster is and were heard lately: as long
   * as one of them does not answer, it may know of somebody whom others do not.
   */
  get witnesses(): string[] {
    const { forgetTimeout = 60_000 } = this.#options;
    const time = now();
    return [...this.#ours].filter((register) =>
      time - (this.#silentSince.get(register) ?? time) < forgetTimeout
    );
  }

  /** Dials every Register. Does nothing when called again or after the end. */
  start(): void {
    if (this.#end.signal.aborted || this.#links.length > 0) return;
    this.#links = Array.from(
      this.#registers,
      (register) => this.#keep(register),
    );
  }

  /** Ends all links. Nobody is told anything from here on. Safe to call twice. */
  async close(): Promise<void> {
    this.#end.abort();
    for (const timer of this.#forgetting.values()) clearTimeout(timer);
    this.#forgetting.clear();
    this.#joined.clear();
    await Promise.all(this.#links);
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #keep(register: string): Promise<void> {
    const {
      trust = Trust.NONE,
      connectTimeout = 3_000,
      pingInterval = 25_000,
      report,
      originals,
    } = this.#options;
    const introduction = this.#introduction();
    // The original knows no proofs, nor TLS: it closes the link at anything else.
    const said = originals?.addresses.includes(register)
      ? {
        introduction: { ...introduction, secretKey: originals.secretKey },
        trust: Trust.NONE,
      }
      : { introduction, trust };
    return keepRegisterLink({
      register,
      ...said,
      connectTimeout,
      pingInterval,
      report,
      onStatus: (status) => this.#take(status),
      signal: this.#end.signal,
    });
  }

  /** What a Register reads of a stranger is short, and a name may be anything. */
  #introduction(): RegisterClientOptions["introduction"] {
    const { introduction } = this.#options;
    const { name } = introduction;
    return name === undefined
      ? introduction
      : { ...introduction, name: name.slice(0, MAX_NAME) };
  }

  #take(status: RegisterLinkStatus): void {
    if (this.#end.signal.aborted) return;
    switch (status.type) {
      case "introduced":
        break;
      case "joined":
        this.#join(status.register);
        break;
      case "welcomed":
        this.#ours.add(status.register);
        this.#meet(status.register);
        break;
      case "listed":
        this.#meet(status.register);
        this.#hear(status);
        break;
      case "conflicting":
        this.#warnOf(status.conflict);
        break;
      case "lost":
      case "refused":
      case "unreachable":
        this.#lose(status);
        break;
      default:
        status satisfies never;
    }
    this.#options.onStatus?.(status);
  }

  #join(register: string): void {
    this.#joined.add(register);
    this.#losses.delete(register);
    logger.info("Joined Register {register}", { register });
  }

  /** A Register has spoken. */
  #meet(register: string): void {
    const grace = this.#silentSince.delete(register) ? RETURN_TIME : 0;
    if (this.#wholeFrom.has(register)) return;
    this.#wholeFrom.set(register, now() + grace);
  }

  #warnOf({ address, name, remoteAddress }: Conflict): void {
    this.#log.once(`conflict ${remoteAddress}`, (suppressed) =>
      logger.error(
        "Another gateway, {name} at {remoteAddress}, announces {address} as well: workers reach only one of the two. Give each its own --lan-ip or --start-port",
        { address, name, remoteAddress, suppressed },
      ));
  }

  #hear({ register, addresses, originals, bridges }: Listed): void {
    clearTimeout(this.#forgetting.get(register));
    this.#forgetting.delete(register);
    this.#book.hear(register, addresses, originals, bridges);
    this.#report();
  }

  #lose(loss: RegisterLinkLoss): void {
    const { register } = loss;
    if (loss.type === "lost") this.lostLinks++;
    this.#joined.delete(register);
    if (this.#wholeFrom.delete(register)) {
      this.#silentSince.set(register, now());
    }
    this.#losses.set(register, loss);
    this.#book.lose(register);
    this.#forgetLater(register);
    this.#log.once(`${loss.type} ${register}`, (suppressed) => {
      logger.warn(LOSS_MESSAGES[loss.type], { ...loss, suppressed });
    });
  }

  #forgetLater(register: string): void {
    const nothingHeard = this.#addresses === undefined;
    if (nothingHeard || this.#forgetting.has(register)) return;
    const { forgetTimeout = 60_000 } = this.#options;
    const timer = setTimeout(() => {
      this.#book.expire(register);
      this.#report();
    }, forgetTimeout);
    this.#forgetting.set(register, timer);
  }

  #report(): void {
    const union = this.#book.union();
    const originals = this.#book.originals();
    const bridges = this.#book.bridges();
    const isSame = isEqual(this.#addresses, union) &&
      isEqual(this.#originals, originals) && isEqual(this.#bridges, bridges);
    if (isSame) return;
    this.#addresses = union;
    this.#originals = originals;
    this.#bridges = bridges;
    this.#options.onAddresses?.(union, originals, bridges);
  }
}

type Listed = Extract<RegisterLinkStatus, { type: "listed" }>;

function isEqual(
  before: ReadonlySet<string> | undefined,
  after: ReadonlySet<string>,
): boolean {
  return before?.size === after.size && after.isSubsetOf(before);
}

const LOSS_MESSAGES = {
  unreachable:
    "Cannot reach Register {register}: {reason}; trying again, for as long as it takes",
  refused:
    "Register {register} closed the link right after our introduction: the usual cause is a different secret key; trying again, for as long as it takes",
  lost:
    "Lost Register {register}: {reason}; dialing it again, and going on with what it said last",
} as const;
