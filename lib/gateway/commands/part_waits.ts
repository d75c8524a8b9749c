import { Throttle } from "../../transport/admission/throttle.ts";
import { encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import type { Client } from "../clients/client.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

/** Bytes that may wait for a client before who streams to it is made to wait. */
const MAX_BACKLOG = 65_536;

/** Somebody who wants to know when a client keeps up. */
interface Wait {
  readonly client: Client;
  readonly link: WorkerLink;
  readonly number: number;
}

/** Those who stream to clients that do not keep up: each hears when it may go on. */
export class PartWaits implements Disposable {
  readonly #throttle = new Throttle();

  /** Whether who streams to a client is to wait. */
  isBehind({ connection }: Client): boolean {
    return (connection?.queuedBytes ?? 0) > MAX_BACKLOG;
  }

  /** Replies to a request of a link as soon as a client keeps up, or is gone. */
  add({ client, link: { link }, number }: Wait): void {
    const tryAgain = () => {
      if (!link.isOpen) return true;
      if (this.isBehind(client)) return false;
      const isThere = client.connection === undefined ? 0 : 1;
      link.send(Command.Reply, 0, number, encodeBody(isThere));
      return true;
    };
    this.#throttle.add({ tryAgain });
  }

  /** Nobody hears anything more. */
  [Symbol.dispose](): void {
    this.#throttle[Symbol.dispose]();
  }
}
