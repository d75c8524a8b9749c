import { encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import type { Client } from "../clients/client.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

/** Bytes that may wait for a client before who streams to it is made to wait. */
export const MAX_BACKLOG = 65_536;

/** How often clients are looked at that do not keep up, in milliseconds. */
const LOOK_INTERVAL = 20;

/** Somebody who wants to know when a client keeps up. */
interface Wait {
  readonly client: Client;
  readonly link: WorkerLink;
  readonly number: number;
}

/** Those who stream to clients that do not keep up: each hears when it may go on. */
export class PartWaits implements Disposable {
  #waits: Wait[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** How many wait. */
  get size(): number {
    return this.#waits.length;
  }

  /** Whether who streams to a client is to wait. */
  isBehind({ connection }: Client): boolean {
    return (connection?.queuedBytes ?? 0) > MAX_BACKLOG;
  }

  /** Replies to a request of a link as soon as a client keeps up, or is gone. */
  add(wait: Wait): void {
    this.#waits.push(wait);
    this.#timer ??= setInterval(() => this.#look(), LOOK_INTERVAL);
  }

  /** Nobody hears anything more. */
  [Symbol.dispose](): void {
    this.#waits = [];
    clearInterval(this.#timer);
  }

  #look(): void {
    this.#waits = this.#waits.filter((wait) => {
      const { client, link: { link }, number } = wait;
      if (!link.isOpen) return false;
      if (this.isBehind(client)) return true;
      const isThere = client.connection === undefined ? 0 : 1;
      link.send(Command.Reply, 0, number, encodeBody(isThere));
      return false;
    });
    if (this.#waits.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
