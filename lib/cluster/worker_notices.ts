import { now } from "../base/clock.ts";
import {
  LinkClosedError,
  LinkFullError,
  messageOf,
  PartialResultError,
} from "../base/errors.ts";
import { becomesSo, pause } from "../base/pause.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { KNOWS_NOTICES } from "../link/link_version.ts";
import { encodeBody, toMap } from "../wire/body.ts";
import { Command } from "../wire/command.ts";
import { Flag } from "../wire/frame.ts";
import {
  checkLabels,
  type Labels,
  parseLabels,
} from "../wire/bodies/labels.ts";
import {
  describeLabels,
  encodeOrder,
  readInstances,
} from "../wire/bodies/notice.ts";
import { checkFrame, checkOptions, encodeMessage } from "./arguments.ts";
import { Asker } from "./asker.ts";
import type { Message, SendToWorkersOptions } from "./call_options.ts";
import type { LinkedGateway } from "./linked_gateway.ts";
import type { LinkedGateways } from "./linked_gateways.ts";
import { quiet } from "./quiet.ts";

const logger = roomLogger("cluster");

/** For how many times the time of a query a notice is sent again. */
const RESEND_PART = 2;

/** Most milliseconds of that: workers remember it for half as long again. */
const MAX_RESEND_TIME = 20_000;

/** Milliseconds that a gateway has to say which workers it knows. */
const LIST_TIME = 1_000;

/** Milliseconds between two attempts. */
const RETRY_INTERVAL = 250;

/** How often it is looked whether all are there, in milliseconds. */
const LOOK_INTERVAL = 5;

/** Most notices that are on their way. */
const MAX_NOTICES = 1_000;

/** Most of their bytes, unless there is but one. */
const MAX_BYTES = 16_777_216;

/** What became of notices that were sent. */
export interface SentNotices {
  /** Those that all workers have for which they were. */
  sent: number;
  /** Those that some worker does not have, or may not have. */
  lost: number;
}

/** A notice that is on its way. */
interface Sending {
  readonly id: string;
  readonly labels: Labels;
  readonly bytes: Uint8Array;
  readonly flags: number;
  /** Workers that are still to take it; unknown at first. */
  missing: Set<string> | undefined;
  /** How many have it. */
  taken: number;
  /** How often it was sent. */
  attempts: number;
  /** What went wrong last. */
  cause: unknown;
}

/** Sends messages to workers, by way of whichever gateways know them. */
export class WorkerNotices {
  readonly #asker: Asker;
  readonly #limited = new RateLimitedLog();
  readonly #resendTime: number;
  #onTheirWay = 0;
  #bytes = 0;
  /** What became of them. */
  readonly counts: SentNotices = { sent: 0, lost: 0 };

  /**
   * @param gateways The links.
   * @param timeout Milliseconds to wait for a gateway's reply.
   */
  constructor(gateways: LinkedGateways, timeout: number) {
    this.#asker = new Asker(gateways, timeout);
    this.#resendTime = Math.min(RESEND_PART * timeout, MAX_RESEND_TIME);
  }

  /** See `Cluster.sendToWorkers`. */
  send(
    to: string | Labels,
    message: Message,
    options: SendToWorkersOptions = {},
  ): Promise<number | undefined> {
    checkOptions(options);
    const sending: Sending = {
      id: crypto.randomUUID(),
      labels: toLabels(to),
      bytes: new Uint8Array(encodeMessage(message)),
      flags: typeof message === "string" ? 0 : Flag.Binary,
      missing: undefined,
      taken: 0,
      attempts: 0,
      cause: undefined,
    };
    const { length } = sending.bytes;
    checkFrame(new Uint8Array(0), sending.bytes);
    const isFull = this.#onTheirWay >= MAX_NOTICES ||
      this.#onTheirWay > 0 && this.#bytes + length > MAX_BYTES;
    if (isFull) {
      this.#lose(sending, "too many are on their way");
      return quiet(Promise.reject(new LinkFullError("workers", this.#bytes)));
    }
    // Throws at once if the links are closed for good.
    this.#asker.linked();
    this.#onTheirWay++;
    this.#bytes += length;
    const sent = quiet(
      this.#sendOften(sending).finally(() => {
        this.#onTheirWay--;
        this.#bytes -= length;
      }),
    );
    return options.confirm ? sent : Promise.resolve(undefined);
  }

  /** Resolves when none is on its way any more, or the time is over. */
  async settled(timeout: number = this.#resendTime): Promise<void> {
    await becomesSo(() => this.#onTheirWay === 0, timeout, LOOK_INTERVAL);
  }

  async #sendOften(sending: Sending): Promise<number> {
    const until = now() + this.#resendTime;
    try {
      await this.#asker.whenKnown();
      await this.#tryOnce(sending);
      while (sending.missing?.size !== 0 && now() + RETRY_INTERVAL < until) {
        await pause(RETRY_INTERVAL);
        await this.#tryOnce(sending);
      }
    } catch (error) {
      // There are no gateways to ask, or none any more.
      sending.cause = error;
    }
    const { missing, taken, cause } = sending;
    if (missing?.size === 0) {
      this.counts.sent++;
      return taken;
    }
    this.#lose(sending, messageOf(cause));
    if (missing === undefined) throw cause;
    throw new PartialResultError(
      "sendToWorkers",
      taken,
      Array.from(missing, (instance) => `worker ${instance}`),
      cause,
    );
  }

  /** Asks gateways which workers there are, and has each that misses it told by one of them. */
  async #tryOnce(sending: Sending): Promise<void> {
    const gateways = [...this.#asker.linked()]
      .filter(({ link }) => link.peer.version >= KNOWS_NOTICES);
    const ways = await this.#waysTo(sending, gateways);
    if (ways === undefined) return;
    const missing = sending.missing ??= new Set(ways.keys());
    const byGateway = new Map<LinkedGateway, string[]>();
    for (const instance of missing) {
      const known = ways.get(instance) ?? [];
      // Another one each time, as far as there are several.
      const way = known[sending.attempts % known.length];
      if (way === undefined) continue;
      byGateway.set(way, [...byGateway.get(way) ?? [], instance]);
    }
    sending.attempts++;
    await Promise.all(
      Array.from(byGateway, ([way, to]) => this.#sendBy(way, to, sending)),
    );
  }

  /**
   * By which gateways workers can be told; nothing if no gateway says anything. Workers
   * of which all gateways know nothing any more have gone, and miss nothing.
   */
  async #waysTo(
    sending: Sending,
    gateways: readonly LinkedGateway[],
  ): Promise<Map<string, LinkedGateway[]> | undefined> {
    const head = encodeBody({ labels: sending.labels });
    const ways = new Map<string, LinkedGateway[]>();
    const answers = await Promise.allSettled(gateways.map(async (gateway) => {
      const reply = await this.#asker.askLinked(
        gateway,
        (link, id) => link.sendHeaded(Command.SelectWorkers, 0, id, head),
        LIST_TIME,
      );
      for (const instance of readInstances(reply)) {
        ways.set(instance, [...ways.get(instance) ?? [], gateway]);
      }
    }));
    const silent = answers.filter((each) => each.status === "rejected");
    if (silent.length === answers.length) {
      sending.cause = silent[0]?.reason ?? noGateway();
      return undefined;
    }
    if (silent.length > 0) return ways;
    for (const instance of sending.missing ?? []) {
      if (!ways.has(instance)) sending.missing?.delete(instance);
    }
    return ways;
  }

  async #sendBy(
    gateway: LinkedGateway,
    to: readonly string[],
    sending: Sending,
  ): Promise<void> {
    const { id: notice, labels, bytes, flags, missing } = sending;
    const head = encodeOrder({ id: notice, labels, to });
    try {
      const reply = await this.#asker.askLinked(
        gateway,
        (link, id) =>
          link.sendHeaded(Command.ToWorkers, 0, id, head, bytes, flags),
      );
      for (const instance of readInstances(toMap(reply)["taken"])) {
        if (missing?.delete(instance)) sending.taken++;
      }
      const left = to.filter((each) => missing?.has(each)).length;
      if (left === 0) return;
      sending.cause = new LinkClosedError(
        `Cannot send to ${left} workers by gateway "${gateway.address}": they did not take it`,
      );
    } catch (error) {
      sending.cause = error;
    }
  }

  #lose({ labels, missing }: Sending, reason: string): void {
    this.counts.lost++;
    const label = describeLabels(labels);
    this.#limited.once(label, (suppressed) => {
      logger.error(
        "Lost a notice to {label}, {missing} workers do not have it: {reason} ({suppressed} like this before)",
        { label, missing: missing?.size ?? "all", reason, suppressed },
      );
    });
  }
}

function noGateway(): LinkClosedError {
  return new LinkClosedError(
    "Cannot send to workers: no gateway is linked that knows how",
  );
}

function toLabels(to: string | Labels): Labels {
  if (typeof to !== "string") return checkLabels("send to workers", to);
  const labels = parseLabels(to);
  if (labels !== undefined) return labels;
  throw new TypeError(
    `Cannot send to workers as a label must be "name=value", or {} for all: found "${
      to.slice(0, 80)
    }"`,
  );
}
