import { toClientRequest } from "../../wire/bodies/client_request.ts";
import {
  applyChange,
  decodeSession,
  diffSessions,
} from "../../wire/bodies/session.ts";
import { namesOf } from "../../wire/bodies/interest_name.ts";
import { roomLogger } from "../../observe/logger.ts";
import { type ThrownLine, ThrownLog } from "../../observe/thrown_log.ts";
import type { Refusal, UpgradeRequest } from "../../transport/connection.ts";
import { EXPIRED, REFUSED } from "../../transport/lasting/reasons.ts";
import type { Authorize } from "./authorize.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";
import { checkDecision, type Decision, type Grant } from "./decision.ts";
import { Expiry } from "./expiry.ts";
import type { Interest } from "../../link/interest.ts";

const NOT_AUTHORIZED: ThrownLine = {
  kind: "authorize",
  text:
    "Cannot authorize a client, answered 500: {reason} ({suppressed} like this before)",
  facts: {},
};

/** The credential was good, and is not any more. */
const ENDED: Refusal = {
  status: 401,
  body: "401 the credential has ended: come with another\n",
  isExpired: true,
};

/** What the user's function was asked. */
interface Asked {
  readonly request: UpgradeRequest;
  readonly remoteAddress: string;
}

/** What it granted, and what it was asked. */
interface Granted {
  readonly grant: Grant;
  readonly asked: Asked | undefined;
}

/** Who has a say beside the user's function. */
export interface GrantGate {
  /** Why nobody may come in with a grant, who shows a token or none. */
  whyNot(grant: Grant, token: string | undefined): Refusal | undefined;
  /** A client that is here has another grant. */
  onGrant(client: Client): void;
}

const NO_GROUPS: readonly string[] = [];

/** Lets clients in, or not, as the user's function says. */
export class Authorizer {
  readonly #authorize: Authorize;
  readonly #maxSession: number;
  readonly #interest: Interest;
  readonly #gate: GrantGate;
  readonly #expiry = new Expiry();
  /** Grants of clients that are about to open. */
  readonly #granted = new WeakMap<Client, Granted>();
  /** Grants of clients that are here. */
  readonly #held = new WeakMap<Client, Granted>();
  /** Grants that are about to be replaced. */
  readonly #renewing = new WeakSet<Granted>();
  readonly #thrown = new ThrownLog(roomLogger("gateway"));

  /** Returns one if there is a function to ask. */
  static of(
    options: {
      readonly authorize: Authorize | undefined;
      readonly maxSession: number;
    },
    interest: Interest,
    gate: GrantGate,
  ): Authorizer | undefined {
    const { authorize, maxSession } = options;
    if (authorize === undefined) return undefined;
    return new Authorizer(authorize, maxSession, interest, gate);
  }

  /**
   * @param authorize The user's function.
   * @param maxSession Most bytes of a session.
   * @param interest Tells who sends what to whom that somebody comes.
   * @param gate Knows who may not come in, whatever the function says.
   */
  constructor(
    authorize: Authorize,
    maxSession: number,
    interest: Interest,
    gate: GrantGate,
  ) {
    this.#gate = gate;
    this.#authorize = authorize;
    this.#maxSession = maxSession;
    this.#interest = interest;
  }

  /**
   * Decides on a client. Who is let in is so when everybody knows where to send what
   * is for it.
   *
   * @throws Whatever the function throws, or what is wrong with its answer; logged.
   */
  async decide(
    client: Client,
    request: UpgradeRequest,
    remoteAddress: string,
    credential?: unknown,
    token?: string,
  ): Promise<Refusal | undefined> {
    const asked = { request, remoteAddress };
    const decision = await this.#ask(client, asked, credential);
    if (decision.kind === "refuse") return decision.refusal;
    const { grant } = decision;
    if (this.#expiry.hasEnded(grant.expiresAt)) return ENDED;
    const refusal = this.#gate.whyNot(grant, token);
    if (refusal !== undefined) return refusal;
    await this.#announce(grant);
    this.#granted.set(client, { grant, asked });
    const { worker: labels } = grant;
    if (labels !== undefined) client.wish = { ...client.wish, labels };
    return undefined;
  }

  /** Gives a client what it was granted, now that it is in the table. */
  settle(client: Client, table: ClientTable): void {
    const granted = this.#granted.get(client);
    if (granted === undefined) return;
    this.#granted.delete(client);
    const { grant } = granted;
    const { uid, groups, session, limits } = grant;
    client.limits = limits;
    if (session !== undefined) client.changeState({ session });
    if (uid !== undefined) table.bindUid(client, uid);
    for (const group of groups) table.joinGroup(client, group);
    this.#hold(client, granted);
  }

  /**
   * Lets a newcomer go on as a client that was here before, if it was granted the same
   * uid: what the new grant gives stands in place of what the old one gave.
   */
  transfer(client: Client, newcomer: Client, table: ClientTable): boolean {
    const granted = this.#granted.get(newcomer);
    if (granted === undefined) return false;
    if (granted.grant.uid !== this.#held.get(client)?.grant.uid) return false;
    this.#granted.delete(newcomer);
    this.#replace(client, granted, table);
    return true;
  }

  /** The uid that a client was granted which is here. */
  uidOf(client: Client): string | undefined {
    return this.#held.get(client)?.grant.uid;
  }

  /** What a client was granted that is about to open. */
  grantFor(newcomer: Client): Grant | undefined {
    return this.#granted.get(newcomer)?.grant;
  }

  /** What a client was granted which is here. */
  grantOf(client: Client): Grant | undefined {
    return this.#held.get(client)?.grant;
  }

  /**
   * A client has come from another gateway: what it is granted here stands in place of
   * what it was granted there.
   */
  adopt(client: Client, before: Grant | undefined, table: ClientTable): void {
    const granted = this.#granted.get(client);
    if (granted === undefined) return;
    this.#granted.delete(client);
    if (before !== undefined) {
      this.#held.set(client, { grant: before, asked: undefined });
    }
    this.#replace(client, granted, table);
  }

  /** A client shows another credential, in time or not: it is asked about anew. */
  async renew(
    client: Client,
    credential: unknown,
    table: ClientTable,
  ): Promise<void> {
    const held = this.#held.get(client);
    if (held?.asked === undefined || this.#renewing.has(held)) return;
    const { asked } = held;
    // Who is gone, or has come back with another credential, is not judged by this one.
    const isStale = () => this.#held.get(client) !== held;
    this.#renewing.add(held);
    try {
      const decision = await this.#ask(client, asked, credential);
      if (client.connection === undefined || isStale()) return;
      const isRefused = decision.kind === "refuse" ||
        decision.grant.uid !== held.grant.uid;
      if (isRefused) return client.connection.close(REFUSED);
      const { grant } = decision;
      if (this.#expiry.hasEnded(grant.expiresAt)) {
        return client.connection.leave?.(EXPIRED);
      }
      await this.#announce(grant);
      if (client.connection === undefined || isStale()) return;
      this.#replace(client, { grant, asked }, table);
    } catch {
      // It was logged. The credential that it has is good until it ends.
    } finally {
      this.#renewing.delete(held);
    }
  }

  /** Tells clients whose credentials are about to end, and parts with whose have. */
  sweep(): void {
    this.#expiry.sweep();
  }

  /** A client is gone. */
  forget(client: Client): void {
    this.#held.delete(client);
    this.#expiry.forget(client);
  }

  #replace(client: Client, granted: Granted, table: ClientTable): void {
    const before = this.#held.get(client)?.grant;
    const { groups, session, limits } = granted.grant;
    client.limits = limits;
    this.#gate.onGrant(client);
    for (const group of before?.groups ?? NO_GROUPS) {
      if (!groups.includes(group)) table.leaveGroup(client, group);
    }
    for (const group of groups) table.joinGroup(client, group);
    const change = diffSessions(before?.session, decodeSession(session));
    if (change !== undefined) {
      client.changeState({ session: applyChange(client.session, change) });
    }
    this.#hold(client, granted);
  }

  /** Remembers what a client was granted, if it may come back or has to renew it. */
  #hold(client: Client, { grant, asked }: Granted): void {
    const { expiresAt } = grant;
    const mayComeBack = client.connection?.setWindow !== undefined;
    // Who never renews anything does not pay for the memory of its request.
    if (expiresAt !== undefined) this.#held.set(client, { grant, asked });
    else if (mayComeBack) this.#held.set(client, { grant, asked: undefined });
    this.#expiry.note(client, expiresAt);
  }

  async #ask(
    { listener }: Client,
    { request, remoteAddress }: Asked,
    credential: unknown,
  ): Promise<Decision> {
    try {
      const { target, headers, certificate } = request;
      const decided: unknown = await this.#authorize({
        ...toClientRequest(target, headers, certificate),
        remoteAddress,
        listener,
        credential,
      });
      return checkDecision(decided, this.#maxSession);
    } catch (error) {
      this.#log(error);
      throw error;
    }
  }

  async #announce({ uid, groups }: Grant): Promise<void> {
    const names = namesOf(uid, groups);
    if (names.length === 0) return;
    await this.#interest.expect(names);
    // The client opens in a promise job that follows this one, or never.
    setTimeout(() => this.#interest.arrived(names), 0);
  }

  #log(error: unknown): void {
    this.#thrown.add(NOT_AUTHORIZED, error);
  }
}
