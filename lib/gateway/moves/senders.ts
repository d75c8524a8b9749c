import { now } from "../../base/clock.ts";
import { pause } from "../../base/pause.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { Command } from "../../wire/command.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { SendingLinks } from "./moves_parts.ts";

const logger = roomLogger("gateway");

/** Milliseconds in which those who send to another gateway must be linked to this one. */
const TIMEOUT = 2_000;

/** Milliseconds between two looks whether they are. */
const LOOK_INTERVAL = 10;

const NO_NAME = new Uint8Array(0);

/**
 * Those who send to clients, as two gateways must have them in common when a session
 * goes from one to the other: what is sent by somebody who is linked to the old gateway
 * alone would reach nobody.
 */
export class Senders {
  readonly #links: SendingLinks;
  /** Links on which it was heard that their other end counts this gateway in. */
  readonly #heard = new WeakSet<WorkerLink>();
  readonly #log = new RateLimitedLog();

  /** @param links The links of one gateway. */
  constructor(links: SendingLinks) {
    this.#links = links;
  }

  /** How many ever came: as long as it is the same, nobody new sends here. */
  get came(): number {
    return this.#links.came;
  }

  /** Instances of those who are linked. */
  get instances(): string[] {
    return Array.from(this.#links.senders(), instanceOf);
  }

  /**
   * Waits until all of some instances are linked and count this gateway in: from then on
   * what they send to everybody comes here too.
   *
   * @returns Whether they are in time.
   */
  async joined(instances: readonly string[]): Promise<boolean> {
    const until = now() + TIMEOUT;
    let missing = this.#missing(instances);
    while (missing.length > 0 && now() < until) {
      await pause(LOOK_INTERVAL);
      missing = this.#missing(instances);
    }
    if (missing.length > 0) {
      return this.#say("not linked to this one", missing.length);
    }
    const silent = await this.#silent(instances, Math.max(1, until - now()));
    return silent === 0 || this.#say("silent", silent);
  }

  #missing(instances: readonly string[]): string[] {
    const here = new Set(this.instances);
    return instances.filter((instance) => !here.has(instance));
  }

  /** How many do not show in time that they count this gateway in. */
  async #silent(
    instances: readonly string[],
    timeout: number,
  ): Promise<number> {
    const wanted = new Set(instances);
    const answers = Array.from(this.#links.senders(), async (sender) => {
      if (!wanted.has(instanceOf(sender)) || this.#heard.has(sender)) return;
      const { pending } = sender.link;
      const { id, reply } = pending.add(timeout);
      sender.link.send(Command.Present, 0, id, NO_NAME);
      await reply;
      this.#heard.add(sender);
    });
    const all = await Promise.allSettled(answers);
    return all.filter(({ status }) => status === "rejected").length;
  }

  #say(reason: string, count: number): false {
    this.#log.once(reason, (suppressed) =>
      logger.warn(
        "Cannot take over the session of a client that has come here yet: of those who send to its gateway, {count} are {reason}; it is told to come later ({suppressed} like this before)",
        { count, reason, suppressed },
      ));
    return false;
  }
}

function instanceOf({ link }: WorkerLink): string {
  return link.peer.instance;
}
