import { Buffer } from "node:buffer";
import { hostOf } from "../../base/address.ts";
import { now } from "../../base/clock.ts";
import { ProtocolError } from "../../base/errors.ts";
import { pause } from "../../base/pause.ts";
import { messageOf } from "../../base/thrown.ts";
import { KNOWS_CLAIMS } from "../../link/link_version.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import {
  type ClaimAnswer,
  type ClaimBody,
  type ClaimedAnswer,
  encodeClaim,
  readClaimAnswer,
} from "../../wire/bodies/claim.ts";
import { namesOf } from "../../wire/bodies/interest_name.ts";
import { encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import type {
  Claimer,
  ClaimOutcome,
  ShownToken,
} from "../../transport/lasting/claimer.ts";
import {
  hintIn,
  type TokenTrace,
  traceOf,
} from "../../transport/lasting/token.ts";
import type { Arrival } from "../clients/arrivals.ts";
import { Client } from "../clients/client.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { ClaimCounts, ClaimFailure } from "./claim_counts.ts";
import type { GatewayPeers } from "./gateway_peers.ts";
import { Landing, type LandingParts } from "./landing.ts";
import type { MovedClients } from "./moved_clients.ts";
import type { Senders } from "./senders.ts";

const logger = roomLogger("gateway");

/** Milliseconds in which a gateway must say whether a session can be had. */
const CLAIM_TIMEOUT = 2_000;

/**
 * Milliseconds in which it must hand it over: it waits for those who send, 2 s at most,
 * and before that, if it waits already, as long for what was asked earlier.
 */
const SETTLE_TIMEOUT = 5_000;

/** Times that it is said that a session has come, and milliseconds between two. */
const MAX_CONFIRMS = 5;
const CONFIRM_DELAY = 500;

/** Gateways that a session is followed through at most. */
const MAX_HOPS = 8;

/** Times that a session's uid and groups may change while it is claimed. */
const MAX_CHANGES = 5;

/** Claims under way at most. */
const MAX_CLAIMS = 1_024;

/** Claims under way for clients of one address at most. */
const MAX_OF_ADDRESS = 128;

/** Tokens that are remembered at most as good for nothing, and for how many milliseconds. */
const MAX_DENIED = 10_000;
const DENIED_FOR = 60_000;

/** What {@linkcode Claims} work with. */
export interface ClaimsParts extends LandingParts {
  /** The other gateways. */
  readonly peers: GatewayPeers;
  /** Those who have gone from here. */
  readonly moved: MovedClients;
  /** Who sends to clients. */
  readonly senders: Senders;
  /** Counts. */
  readonly counts: ClaimCounts;
}

/** A token that was good for nothing. */
interface Denied {
  readonly outcome: ClaimFailure;
  readonly until: number;
}

/** Brings sessions of other gateways here, whose clients have come. */
export class Claims implements Claimer {
  readonly #parts: ClaimsParts;
  readonly #landing: Landing;
  readonly #denied = new Map<string, Denied>();
  readonly #ofAddress = new Map<string, number>();
  readonly #log = new RateLimitedLog();
  #running = 0;

  /** Creates the claims of one gateway. */
  constructor(parts: ClaimsParts) {
    this.#parts = parts;
    this.#landing = new Landing(parts);
  }

  claim(shown: ShownToken): Promise<ClaimOutcome> | undefined {
    const { peers, moved, counts } = this.#parts;
    const { token, origin, newcomer } = shown;
    const trace = traceOf(token);
    const address = moved.byHash(trace.hash)?.address ??
      (origin === "elsewhere" ? peers.find(hintIn(token)) : undefined);
    if (address === undefined || !(newcomer instanceof Client)) {
      return undefined;
    }
    const denied = this.#denied.get(trace.hash);
    if (denied !== undefined && denied.until > now()) {
      return Promise.resolve(denied.outcome);
    }
    const host = hostOf(shown.remoteAddress);
    const ofAddress = this.#ofAddress.get(host) ?? 0;
    if (this.#running >= MAX_CLAIMS || ofAddress >= MAX_OF_ADDRESS) {
      counts.failed.later++;
      return Promise.resolve("later");
    }
    this.#running++;
    counts.made++;
    this.#ofAddress.set(host, ofAddress + 1);
    const claim = new Claim(this.#parts, this.#landing, {
      shown,
      trace,
      client: newcomer,
    });
    return claim.run(address).catch((error) => this.#fail(address, error))
      .then((outcome) => this.#note(trace, outcome))
      .finally(() => this.#leave(host));
  }

  #note({ hash }: TokenTrace, outcome: ClaimOutcome): ClaimOutcome {
    const { counts } = this.#parts;
    if (outcome === "landed") counts.landed++;
    else if (outcome !== "new") counts.failed[outcome]++;
    if (outcome === "expired" || outcome === "lost") {
      this.#denied.set(hash, { outcome, until: now() + DENIED_FOR });
      for (const oldest of this.#denied.keys()) {
        if (this.#denied.size <= MAX_DENIED) break;
        this.#denied.delete(oldest);
      }
    }
    return outcome;
  }

  /** Whoever has the session does not answer, or has it no more. */
  #fail(address: string, error: unknown): "lost" {
    const reason = messageOf(error);
    this.#log.once(address, (suppressed) =>
      logger.warn(
        "Cannot get the session of a client that has come here from gateway {address}: {reason}; it begins anew ({suppressed} like this before)",
        { address, reason, suppressed },
      ));
    return "lost";
  }

  #leave(host: string): void {
    this.#running--;
    const left = (this.#ofAddress.get(host) ?? 1) - 1;
    if (left > 0) this.#ofAddress.set(host, left);
    else this.#ofAddress.delete(host);
  }
}

/** A session that is claimed. */
interface Claimed {
  readonly shown: ShownToken;
  readonly trace: TokenTrace;
  readonly client: Client;
}

/** One claim. */
class Claim {
  readonly #parts: ClaimsParts;
  readonly #landing: Landing;
  readonly #claimed: Claimed;
  readonly #body: ClaimBody;

  constructor(parts: ClaimsParts, landing: Landing, claimed: Claimed) {
    this.#parts = parts;
    this.#landing = landing;
    this.#claimed = claimed;
    const { trace, client, shown: { received } } = claimed;
    this.#body = {
      hash: Buffer.from(trace.hash, "binary"),
      mark: Buffer.from(trace.mark, "binary"),
      received,
      uid: parts.authorizer?.grantFor(client)?.uid,
    };
  }

  /** Asks a gateway for it, and those that it has gone on to. */
  async run(address: string): Promise<ClaimOutcome> {
    const { peers } = this.#parts;
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      // It was here, and has ended.
      if (address === peers.address) return "expired";
      const link = await peers.link(address);
      if (link.link.peer.version < KNOWS_CLAIMS) return "elsewhere";
      const answer = await this.#ask(link);
      switch (answer.outcome) {
        case "moved":
          address = answer.address;
          break;
        case "claimed":
          return await this.#fetch(link, address, answer);
        default:
          return toOutcome(answer);
      }
    }
    return "later";
  }

  async #ask(link: WorkerLink): Promise<ClaimAnswer> {
    const { id, reply } = link.link.pending.add(CLAIM_TIMEOUT);
    link.link.send(Command.Claim, 0, id, encodeClaim(this.#body));
    try {
      const [value] = await reply;
      return readClaimAnswer(value);
    } catch (error) {
      this.#giveUp(link);
      throw error;
    }
  }

  /** Has everybody told that its uid and groups are here, and takes it over then. */
  async #fetch(
    link: WorkerLink,
    address: string,
    { names, ...home }: ClaimedAnswer,
  ): Promise<ClaimOutcome> {
    const { arrivals, interest, authorizer, senders } = this.#parts;
    const { client } = this.#claimed;
    const arrival = arrivals.add(names);
    const grant = authorizer?.grantFor(client);
    const granted = namesOf(grant?.uid, grant?.groups);
    let fresh: readonly string[] = [...new Set([...names, ...granted])];
    const expected: string[] = [];
    try {
      for (let changes = 0; changes < MAX_CHANGES; changes++) {
        expected.push(...fresh);
        const [areThere, haveHeard] = await Promise.all([
          senders.joined(home.senders),
          interest.expect(fresh),
        ]);
        // Nothing has happened yet: whoever comes back finds it where it was.
        if (!areThere || !haveHeard) return "later";
        if (!this.#claimed.shown.isThere || arrival.isFull) return "later";
        const answer = await this.#settle(link, address, arrival, home.came);
        if (answer === "landed") return "landed";
        if (answer.outcome !== "claimed") return toOutcome(answer);
        home = answer;
        fresh = answer.names.filter((name) => !arrival.names.has(name));
        arrivals.extend(arrival, fresh);
      }
      return "later";
    } finally {
      arrivals.delete(arrival);
      interest.arrived(expected);
    }
  }

  /** Asks for it. What comes is taken at once: what follows on the link is for the client. */
  async #settle(
    link: WorkerLink,
    address: string,
    arrival: Arrival,
    came: number,
  ): Promise<ClaimAnswer | "landed"> {
    const { peers } = this.#parts;
    const { client, shown } = this.#claimed;
    let answer: ClaimAnswer | "landed" | undefined;
    const { id, reply } = link.link.pending.add(SETTLE_TIMEOUT, (value) => {
      const read = readClaimAnswer(value);
      answer = read;
      if (read.outcome !== "given") return;
      answer = "landed";
      const { client: given } = read;
      void this.#confirm(link, address);
      this.#landing.land({ client, given, link, address, arrival, shown });
    });
    link.link.send(
      Command.Settle,
      0,
      id,
      encodeClaim({
        ...this.#body,
        address: peers.address,
        client: client.connectionId,
        names: [...arrival.names],
        came,
      }),
    );
    try {
      await reply;
    } catch (error) {
      if (answer === undefined) this.#giveUp(link);
      throw error;
    }
    if (answer !== undefined) return answer;
    throw new ProtocolError("Cannot settle a claim: the answer is empty");
  }

  /** Says that this gateway has it, until that was heard, or nobody is there to hear it. */
  async #confirm(link: WorkerLink, address: string): Promise<void> {
    const body = encodeBody({ hash: this.#body.hash, taken: true });
    const { peers } = this.#parts;
    for (let tries = 0; tries < MAX_CONFIRMS; tries++) {
      if (peers.signal.aborted) return;
      try {
        const to = tries === 0 ? link : await peers.link(address);
        const { id, reply } = to.link.pending.add(CLAIM_TIMEOUT);
        to.link.send(Command.ClaimEnd, 0, id, body);
        await reply;
        return;
      } catch {
        // Whoever had it asks in the end, and logs what it does.
        await pause(CONFIRM_DELAY, peers.signal);
      }
    }
  }

  /** Says that this gateway does not have it: its client was told that it is lost. */
  #giveUp({ link }: WorkerLink): void {
    if (!link.isOpen) return;
    const { hash } = this.#body;
    link.send(Command.ClaimEnd, 0, 0, encodeBody({ hash, taken: false }));
  }
}

function toOutcome(answer: ClaimAnswer): ClaimOutcome {
  switch (answer.outcome) {
    case "expired":
    case "lost":
    case "refused":
      return answer.outcome;
    default:
      return "later";
  }
}
