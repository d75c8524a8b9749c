import type { Link } from "../../link/link.ts";
import { Command } from "../../wire/command.ts";
import {
  encodeFailureFrame,
  type FailureCode,
  idOf,
} from "../../wire/bodies/typed_frame.ts";
import type { GivenRequest } from "../../wire/bodies/claim.ts";
import type { KeptEvent } from "./waiting_events.ts";

/** What became of the requests of all clients of a gateway. */
export class RequestCounts {
  /** Requests that wait for their answers. */
  open = 0;
  /** Requests answered since the start. */
  answered = 0;
  /** Requests since the start of which a client was told that there is no answer. */
  failed = 0;
}

/** A worker that may have requests. */
export interface AskedWorker {
  /** The connection. */
  readonly link: Pick<Link, "isOpen" | "send">;
}

/** A request that is not answered. */
interface OpenRequest {
  /** Number of the client's event that it came in. */
  readonly number: number;
  /** The worker that has it. */
  link: AskedWorker | undefined;
  /** Whether the client wants no answer any more. */
  isCancelled: boolean;
}

/** What {@linkcode ClientRequests} needs. */
export interface ClientRequestsParts {
  /** The client's number on this gateway. */
  readonly connectionId: number;
  /** Counts what becomes of requests. */
  readonly counts: RequestCounts;
  /** Sends the client a typed frame. */
  say(frame: Uint8Array): void;
}

/**
 * The requests of one client that are not answered: each gets one last word, from the
 * worker that has it, or from here if that one is lost, or does not know what they are.
 */
export class ClientRequests {
  readonly #connectionId: number;
  #counts: RequestCounts;
  readonly #say: (frame: Uint8Array) => void;
  readonly #open = new Map<string, OpenRequest>();
  /** Requests that were refused since the last one had its last word. */
  refused = 0;

  /** Creates the requests of one client: none. */
  constructor({ connectionId, counts, say }: ClientRequestsParts) {
    this.#connectionId = connectionId;
    this.#counts = counts;
    this.#say = say;
  }

  /** How many are not answered. */
  get size(): number {
    return this.#open.size;
  }

  /** Whether a worker has one that it may still answer. */
  get areAsked(): boolean {
    for (const { link } of this.#open.values()) {
      if (link?.link.isOpen === true) return true;
    }
    return false;
  }

  /** A request came, as the client's event of that number. */
  add(id: string, number: number): void {
    if (!this.#open.has(id)) this.#counts.open++;
    this.#open.set(id, { number, link: undefined, isCancelled: false });
  }

  /** One was asked at another gateway, which goes on with it. */
  adopt(
    { id, number, isCancelled }: GivenRequest,
    link: AskedWorker,
  ): void {
    this.add(id, number);
    this.#open.set(id, { number, link, isCancelled });
  }

  /** Those that are not answered. */
  *open(): Generator<GivenRequest> {
    for (const [id, { number, isCancelled }] of this.#open) {
      yield { id, number, isCancelled };
    }
  }

  /** The client is another gateway's, which counts its requests from now on. */
  handOver(): void {
    this.#counts.open -= this.#open.size;
    this.#counts = new RequestCounts();
    this.#counts.open = this.#open.size;
  }

  /** Whether a request waits for its answer, or for more of it. */
  has(id: string): boolean {
    return this.#open.has(id);
  }

  /** The last word is on its way: returns whether the request still waits for it. */
  settle(id: string, outcome: "answered" | "failed"): boolean {
    if (!this.#open.delete(id)) return false;
    this.refused = 0;
    this.#counts.open--;
    this.#counts[outcome]++;
    return true;
  }

  /** Tells the client that a request gets no answer. */
  fail(id: string, code: FailureCode): void {
    if (this.settle(id, "failed")) this.#say(encodeFailureFrame(id, code));
  }

  /** Tells the client that a request is not taken, as too many wait for their answers. */
  refuse(id: string): void {
    this.refused++;
    this.#counts.failed++;
    this.#say(encodeFailureFrame(id, "too-many"));
  }

  /** The client wants no answer any more. */
  cancel(id: string): void {
    const request = this.#open.get(id);
    if (request === undefined || request.isCancelled) return;
    request.isCancelled = true;
    this.#tell(request.link, request.number);
  }

  /** Does the same with the one of an event. */
  cancelEvent(number: number): void {
    for (const [id, request] of this.#open) {
      if (request.number === number) return this.cancel(id);
    }
  }

  /** A request is about to go to a worker; returns whether it is still wanted. */
  leave({ payload, number }: KeptEvent, link: AskedWorker): boolean {
    const id = idOf(payload, 0, payload.length);
    const request = this.#open.get(id);
    if (request === undefined || request.number !== number) return true;
    if (request.isCancelled) this.fail(id, "cancelled");
    else request.link = link;
    return !request.isCancelled;
  }

  /** A worker is gone: requests that it had, and that no other is told again, are lost. */
  lose(link: AskedWorker, again: readonly KeptEvent[]): void {
    const numbers = new Set(again.map(({ number }) => number));
    for (const [id, request] of this.#open) {
      if (request.link !== link) continue;
      request.link = undefined;
      if (numbers.has(request.number)) continue;
      this.fail(id, request.isCancelled ? "cancelled" : "lost");
    }
  }

  /** The client is gone: workers need not go on for it. */
  end(): void {
    const links = new Set<AskedWorker | undefined>();
    for (const { link } of this.#open.values()) links.add(link);
    this.#counts.open -= this.#open.size;
    this.#open.clear();
    for (const link of links) this.#tell(link, 0);
  }

  #tell(worker: AskedWorker | undefined, number: number): void {
    if (worker?.link.isOpen !== true) return;
    worker.link.send(Command.Cancel, this.#connectionId, number);
  }
}
