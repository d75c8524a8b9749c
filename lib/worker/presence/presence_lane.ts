import { Deque } from "../../base/deque.ts";
import { isPromise } from "../../base/is_promise.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Handler } from "../handler/handler.ts";
import { HandlerLog } from "../handler/handler_log.ts";
import { presenceEvent } from "./presence_event.ts";
import type { Roll } from "./roll.ts";
import type { PresenceTask } from "./roll_entry.ts";

const log = new HandlerLog();

/** What lanes of joins and leaves need of their worker. */
export interface PresenceLaneOwner {
  /** The user's code. */
  readonly handler: Handler;
  /** What the handler is given. */
  readonly cluster: Cluster;
  /** Whether the worker is at its end: nothing begins any more. */
  readonly isOver: boolean;
  /** A handler has been told. */
  onTold(roll: Roll, task: PresenceTask): void;
  /** A handler threw. */
  onThrown(): void;
  /** A handler ran for too long. */
  onTimedOut(): void;
}

/** The joins and leaves of one name, which handlers are told one after another. */
export class PresenceLane {
  readonly #roll: Roll;
  readonly #owner: PresenceLaneOwner;
  readonly #queue = new Deque<PresenceTask>();
  #running: PresenceTask | undefined;
  /** When {@linkcode PresenceLane.expire} found it running first. */
  #since: number | undefined;

  /**
   * @param roll The name's reckoning.
   * @param owner What all lanes share.
   */
  constructor(roll: Roll, owner: PresenceLaneOwner) {
    this.#roll = roll;
    this.#owner = owner;
  }

  /** Something is to be told; it is when all before it was. */
  push(task: PresenceTask): void {
    this.#queue.push(task);
    this.#run();
  }

  /** Goes on without a handler that has run for too long. */
  expire(timeout: number, time: number): void {
    const task = this.#running;
    if (task === undefined) return;
    this.#since ??= time;
    if (time - this.#since < timeout) return;
    this.#owner.onTimedOut();
    log.timedOut(task.type, task.uid, timeout);
    this.#finish(task);
    this.#run();
  }

  #run(): void {
    while (this.#running === undefined && !this.#owner.isOver) {
      const task = this.#queue.shift();
      if (task === undefined) return;
      if (!task.isCancelled) this.#tell(task);
    }
  }

  #tell(task: PresenceTask): void {
    const { handler, cluster } = this.#owner;
    const { name, users } = this.#roll;
    task.isStarted = true;
    this.#running = task;
    const event = presenceEvent(name, task, this.#roll.row(task.uid), users);
    try {
      const result: unknown = handler(event, cluster);
      if (isPromise(result)) return void this.#await(task, result);
    } catch (error) {
      this.#fail(task, error);
    }
    this.#finish(task);
  }

  async #await(task: PresenceTask, result: PromiseLike<unknown>) {
    try {
      await result;
    } catch (error) {
      this.#fail(task, error);
    }
    if (this.#running !== task) return;
    this.#finish(task);
    this.#run();
  }

  #finish(task: PresenceTask): void {
    this.#running = undefined;
    this.#since = undefined;
    this.#owner.onTold(this.#roll, task);
  }

  #fail(task: PresenceTask, error: unknown): void {
    this.#owner.onThrown();
    log.threw(task.type, task.uid, error);
  }
}
