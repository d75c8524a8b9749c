import { toClientRequest } from "../../wire/bodies/client_request.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import { roomLogger } from "../../observe/logger.ts";
import { type ThrownLine, ThrownLog } from "../../observe/thrown_log.ts";
import type { Refusal, UpgradeRequest } from "../../transport/connection.ts";
import type { Authorize } from "./authorize.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";
import { checkDecision, type Decision, type Grant } from "./decision.ts";
import type { Interest } from "./interest.ts";

const NOT_AUTHORIZED: ThrownLine = {
  kind: "authorize",
  text:
    "Cannot authorize a client, answered 500: {reason} ({suppressed} like this before)",
  facts: {},
};

/** Lets clients in, or not, as the user's function says. */
export class Authorizer {
  readonly #authorize: Authorize;
  readonly #maxSession: number;
  readonly #interest: Interest;
  /** Grants of clients that are about to open. */
  readonly #granted = new WeakMap<Client, Grant>();
  readonly #thrown = new ThrownLog(roomLogger("gateway"));

  /** Returns one if there is a function to ask. */
  static of(
    options: {
      readonly authorize: Authorize | undefined;
      readonly maxSession: number;
    },
    interest: Interest,
  ): Authorizer | undefined {
    const { authorize, maxSession } = options;
    if (authorize === undefined) return undefined;
    return new Authorizer(authorize, maxSession, interest);
  }

  /**
   * @param authorize The user's function.
   * @param maxSession Most bytes of a session.
   * @param interest Tells who sends what to whom that somebody comes.
   */
  constructor(authorize: Authorize, maxSession: number, interest: Interest) {
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
  ): Promise<Refusal | undefined> {
    const decision = await this.#ask(client, request, remoteAddress);
    if (decision.kind === "refuse") return decision.refusal;
    await this.#announce(decision.grant);
    this.#granted.set(client, decision.grant);
    return undefined;
  }

  /** Gives a client what it was granted, now that it is in the table. */
  settle(client: Client, table: ClientTable): void {
    const granted = this.#granted.get(client);
    if (granted === undefined) return;
    this.#granted.delete(client);
    const { uid, groups, session } = granted;
    if (session !== undefined) client.changeState({ session });
    if (uid !== undefined) table.bindUid(client, uid);
    for (const group of groups) table.joinGroup(client, group);
  }

  async #ask(
    { listener }: Client,
    { target, headers, certificate }: UpgradeRequest,
    remoteAddress: string,
  ): Promise<Decision> {
    try {
      const request = toClientRequest(target, headers, certificate);
      const asked = { ...request, remoteAddress, listener };
      const decided: unknown = await this.#authorize(asked);
      return checkDecision(decided, this.#maxSession);
    } catch (error) {
      this.#log(error);
      throw error;
    }
  }

  async #announce({ uid, groups }: Grant): Promise<void> {
    const names = groups.map(groupName);
    if (uid !== undefined) names.push(uidName(uid));
    if (names.length === 0) return;
    await this.#interest.expect(names);
    // The client opens in a promise job that follows this one, or never.
    setTimeout(() => this.#interest.arrived(names), 0);
  }

  #log(error: unknown): void {
    this.#thrown.add(NOT_AUTHORIZED, error);
  }
}
