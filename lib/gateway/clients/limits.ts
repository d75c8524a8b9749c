import { hostOf } from "../../base/address.ts";
import { now } from "../../base/clock.ts";
import { networkOf } from "../../base/ip_address.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import type { LimitFigures } from "../../observe/limits_report.ts";
import type { CloseReason, Refusal } from "../../transport/connection.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";
import type { Grant } from "./decision.ts";
import {
  type GrantedLimits,
  LIMIT_POLICIES,
  type LimitName,
  type ResolvedLimit,
  type ResolvedLimits,
} from "./limits_options.ts";
import type { ConnectionLimit } from "../../transport/admission/connection_limit.ts";
import { SharedMeter, SharedRate } from "./shared_rate.ts";
import { Usage, type UsageOwner } from "./usage.ts";

const logger = roomLogger("gateway");

/** There are as many clients of the uid as there may be. */
const TOO_MANY_OF_UID: Refusal = {
  status: 429,
  body: "429 too many clients of this uid are connected\n",
  headers: [["Retry-After", "5"]],
};

/** The same for one that is connected. */
const CROWDED: CloseReason = {
  code: 4014,
  reason: "too many connections of this uid",
};

/** What {@linkcode ClientLimits} works with. */
export interface ClientLimitsParts {
  /** Who is here. */
  readonly table: ClientTable;
  /** What is limited for everybody. */
  readonly limits: ResolvedLimits;
  /** What the oldest is told that has to make room. */
  readonly replaced: CloseReason;
  /** Bits of an IPv6 address that are one. */
  readonly addressPrefix: number;
  /** Bits of an IPv4 address that are one. */
  readonly addressPrefixV4: number;
}

/**
 * Limits of those together who have one uid, or come from one range of addresses, at
 * this gateway. What they draw on is looked up when a client comes or gets a uid, and
 * never for a message.
 */
export class ClientLimits implements UsageOwner {
  readonly #parts: ClientLimitsParts;
  readonly #rates = new Map<string, SharedRate>();
  readonly #meters = new WeakMap<Client, SharedMeter>();
  readonly #log = new RateLimitedLog();
  readonly #over: Partial<Record<LimitName, number>> = {};
  readonly #limitsRates: boolean;
  /** What other gateways of this machine use. */
  readonly usage: Usage = new Usage(this);
  /** Counts clients by their addresses. */
  addresses: ConnectionLimit | undefined;

  /** Creates the limits of one gateway. */
  constructor(parts: ClientLimitsParts) {
    this.#parts = parts;
    const { uidMessages, uidBytes, addressMessages, addressBytes } =
      parts.limits;
    this.#limitsRates = [uidMessages, uidBytes, addressMessages, addressBytes]
      .some((limit) => limit !== undefined);
  }

  /** How often each limit was exceeded. */
  get figures(): LimitFigures {
    return { ...this.#over };
  }

  /** Why one more client may not come in that was granted a uid, and shows no token. */
  whyNot({ uid, limits }: Grant): Refusal | undefined {
    const limit = this.#connectionsOf(limits);
    if (uid === undefined || limit?.policy !== "refuse") return undefined;
    const count = this.#clientsOf(uid).length + this.usage.others(uidKey(uid));
    if (count < this.#shareOf(limit)) return undefined;
    this.noteOver(limit, uid);
    return limit.dryRun ? undefined : TOO_MANY_OF_UID;
  }

  /** A client was bound to its uid: it, or the oldest, goes if that makes too many. */
  onUid(client: Client): void {
    this.#pace(client);
    if (client.uid !== undefined) this.usage.touch(uidKey(client.uid));
    const limit = this.#connectionsOf(client.limits);
    // One that comes from another gateway was counted there.
    const isLanding = client.previousId !== undefined && client.isAway;
    if (limit === undefined || client.uid === undefined || isLanding) return;
    const clients = this.#clientsOf(client.uid);
    // Which of two gateways has the oldest, none of them knows.
    const max = limit.policy === "refuse"
      ? this.#shareOf(limit) - this.usage.others(uidKey(client.uid))
      : limit.max;
    if (clients.length <= max) return;
    this.noteOver(limit, client.uid);
    if (limit.dryRun) return;
    if (limit.policy === "refuse") {
      return queueMicrotask(() => client.connection?.close(CROWDED));
    }
    const others = clients.filter((each) => each !== client);
    for (const oldest of others.slice(0, clients.length - max)) {
      this.#parts.table.replace(oldest);
      oldest.connection?.close(this.#parts.replaced);
    }
  }

  countOf(key: string): number {
    const [kind, name] = [key.slice(0, 1), key.slice(1)];
    return kind === "u"
      ? this.#clientsOf(name).length
      : this.addresses?.countFrom(name) ?? 0;
  }

  *names(): Generator<string> {
    for (const uid of this.#parts.table.uids()) yield uidKey(uid);
    for (const network of this.addresses?.networks() ?? []) {
      yield addressKey(network);
    }
  }

  *takeSpent(): Generator<readonly [rate: string, count: number]> {
    for (const [key, rate] of this.#rates) {
      const { untold } = rate;
      rate.untold = 0;
      if (untold > 0 && !key.includes(" client ")) yield [key, untold];
    }
  }

  spend(rate: string, count: number): void {
    this.#rates.get(rate)?.spendElsewhere(count);
  }

  /** Counts clients by their addresses together with those of other gateways. */
  watchAddresses(addresses: ConnectionLimit): void {
    this.addresses = addresses;
    addresses.elsewhere = {
      countFrom: (network) => this.usage.others(addressKey(network)),
      touch: (network) => this.usage.touch(addressKey(network)),
    };
  }

  /** How many this gateway may have: its share, while it knows nothing of the others. */
  #shareOf({ max }: ResolvedLimit): number {
    return Math.ceil(max / this.usage.shares);
  }

  /** One more client than may be comes from an address; returns whether to let it in. */
  onCrowdedAddress(network: string): boolean {
    const limit = this.#parts.limits.addressConnections;
    if (limit !== undefined) this.noteOver(limit, network);
    return limit?.dryRun === true;
  }

  /** A client has come, or come back from another address, or has another grant. */
  onOpen(client: Client): void {
    this.#pace(client);
  }

  /** A client is gone. */
  forget(client: Client): void {
    if (client.uid !== undefined) this.usage.touch(uidKey(client.uid));
    const meter = this.#meters.get(client);
    if (meter === undefined) return;
    this.#draw(meter, []);
    this.#meters.delete(client);
  }

  /** Forgets what nobody draws on. To be called once a second. */
  sweep(): void {
    const time = now();
    const { shares } = this.usage;
    for (const [key, rate] of this.#rates) {
      rate.shares = shares;
      if (rate.isIdle(time)) this.#rates.delete(key);
    }
  }

  /** A limit is exceeded. */
  noteOver(limit: ResolvedLimit, who: string): void {
    const { name, max, policy, dryRun } = limit;
    this.#over[name] = 1 + (this.#over[name] ?? 0);
    this.#log.once(name, (suppressed) => {
      logger.warn(
        "More than {max} by the limit {name} of {who}: {done} ({suppressed} like this before)",
        { max, name, who, done: dryRun ? "dry-run" : policy, suppressed },
      );
    });
  }

  #connectionsOf(
    granted: GrantedLimits | undefined,
  ): ResolvedLimit | undefined {
    const { uidConnections } = this.#parts.limits;
    return withMax("uidConnections", uidConnections, granted?.connections);
  }

  /** Those of a uid that are not on their way out, the oldest first. */
  #clientsOf(uid: string): Client[] {
    return [...this.#parts.table.withUid(uid)]
      .filter(({ connection }) => connection?.isOpen === true);
  }

  #pace(client: Client): void {
    if (!this.#limitsRates && client.limits === undefined) return;
    const rates = [...this.#ratesOf(client)];
    let meter = this.#meters.get(client);
    if (meter === undefined && rates.length === 0) return;
    if (meter === undefined) {
      const { connection } = client;
      if (connection?.measure === undefined) return;
      connection.measure((own) => meter = new SharedMeter(own));
      if (meter === undefined) return;
      this.#meters.set(client, meter);
    }
    this.#draw(meter, rates);
  }

  #draw(meter: SharedMeter, rates: readonly SharedRate[]): void {
    for (const rate of rates) rate.holders++;
    for (const rate of meter.rates) rate.holders--;
    meter.rates = rates;
  }

  *#ratesOf(client: Client): Generator<SharedRate> {
    const { limits, addressPrefix, addressPrefixV4 } = this.#parts;
    const { uid, limits: granted, connectionId } = client;
    const network = networkOf(
      hostOf(client.remoteAddress),
      addressPrefix,
      addressPrefixV4,
    );
    const owner = uid === undefined ? `client ${connectionId}` : `uid ${uid}`;
    const isOwn = uid !== undefined;
    const byMessages = withMax(
      "uidMessages",
      isOwn ? limits.uidMessages : undefined,
      granted?.messages,
    );
    const byBytes = withMax(
      "uidBytes",
      isOwn ? limits.uidBytes : undefined,
      granted?.bytes,
    );
    if (byMessages) yield this.#rate(byMessages, "messages", owner);
    if (byBytes) yield this.#rate(byBytes, "bytes", owner);
    const { addressMessages, addressBytes } = limits;
    if (addressMessages) yield this.#rate(addressMessages, "messages", network);
    if (addressBytes) yield this.#rate(addressBytes, "bytes", network);
  }

  #rate(
    limit: ResolvedLimit,
    counts: "messages" | "bytes",
    who: string,
  ): SharedRate {
    const key = `${limit.name} ${limit.max} ${who}`;
    let rate = this.#rates.get(key);
    if (rate === undefined) {
      rate = new SharedRate(limit, counts, () => this.noteOver(limit, who));
      this.#rates.set(key, rate);
    }
    return rate;
  }
}

/** How a uid is told of. */
function uidKey(uid: string): string {
  return `u${uid}`;
}

/** How a range of addresses is told of. */
function addressKey(network: string): string {
  return `a${network}`;
}

/** What a client was granted stands in place of the limit, with its policy. */
function withMax(
  name: LimitName,
  limit: ResolvedLimit | undefined,
  max: number | undefined,
): ResolvedLimit | undefined {
  if (max === undefined) return limit;
  const [policy] = LIMIT_POLICIES[name];
  return { name, policy, dryRun: false, ...limit, max };
}
