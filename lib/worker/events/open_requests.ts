import { LinkClosedError, LinkFullError } from "../../base/errors.ts";
import { addTo, removeFrom } from "../../base/set_index.ts";
import type { Link } from "../../link/link.ts";
import { Command } from "../../wire/command.ts";
import { Flag } from "../../wire/frame.ts";
import { HandlerLog } from "../handler/handler_log.ts";
import { PartFlow } from "./part_flow.ts";
import type { Answering, LaneRequestEvent } from "./request_event.ts";

/** Most requests of one worker whose handlers have ended and that are not answered. */
export const MAX_DETACHED = 10_000;

/** Characters of an answer that is sent whatever waits: requests bound how many there are. */
const ALWAYS_TAKEN = 1_024;

const log = new HandlerLog();

/** What became of the requests of one worker. */
export class RequestTally {
  /** Requests received and not answered. */
  open = 0;
  /** Of these, requests that may outlast their handlers. */
  detached = 0;
  /** Requests answered since the start. */
  answered = 0;
  /** Requests since the start that were told that there is no answer. */
  failed = 0;
}

/** What {@linkcode OpenRequests} needs of the link that they came on. */
export interface RequestsOwner {
  /** The link. */
  readonly link: Link;
  /** Counts the requests of all links. */
  readonly tally: RequestTally;
  /** The user's code threw, or rejected. */
  onThrown(): void;
}

/** The requests of one gateway's clients that this worker has not answered. */
export class OpenRequests implements Answering {
  readonly #owner: RequestsOwner;
  readonly #byClient = new Map<number, Set<LaneRequestEvent>>();
  readonly #flows = new WeakMap<LaneRequestEvent, PartFlow>();

  /** @param owner Where they came from. */
  constructor(owner: RequestsOwner) {
    this.#owner = owner;
  }

  /** Whether all are answered. */
  get isEmpty(): boolean {
    return this.#byClient.size === 0;
  }

  /** A request came. */
  add(event: LaneRequestEvent): void {
    addTo(this.#byClient, event.lane.connectionId, event);
    this.#owner.tally.open++;
  }

  /** Answers a request, which is nobody's from then on. */
  sendLast(
    event: LaneRequestEvent,
    frame: string | Uint8Array,
    outcome: "answered" | "failed",
  ): void {
    const { connectionId } = event.lane;
    if (this.#byClient.get(connectionId)?.has(event) !== true) return;
    // If it is too long for any link, the request stays open for an answer that is not.
    if (event.wantsAnswer) {
      this.#send(connectionId, frame);
      this.#owner.tally[outcome]++;
    }
    this.#forget(event);
  }

  /** Sends a part of an answer; returns what to wait for before the next. */
  sendPart(event: LaneRequestEvent, frame: string): Promise<unknown> {
    const { link } = this.#owner;
    if (!link.isOpen) return Promise.resolve();
    if (link.isFull) return Promise.reject(full(link));
    let flow = this.#flows.get(event);
    if (flow === undefined) {
      flow = new PartFlow(link, event.lane.connectionId);
      this.#flows.set(event, flow);
    }
    return flow.send(frame);
  }

  /**
   * A request may outlast its handler.
   *
   * @throws {RangeError} If too many may.
   */
  detach(): void {
    const { tally } = this.#owner;
    if (tally.detached < MAX_DETACHED) {
      tally.detached++;
      return;
    }
    throw new RangeError(
      `Cannot detach request as a worker must have at most ${MAX_DETACHED} of them: it has as many`,
    );
  }

  /** What was to become an answer has rejected. */
  failDetached(event: LaneRequestEvent, error: unknown): void {
    if (!event.onThrown(error)) return;
    this.#owner.onThrown();
    log.threw(event.type, event.lane.clientId, error);
  }

  /** Nobody waits for the answer to a client's event of that number; 0 for all. */
  cancel(connectionId: number, number: number): void {
    for (const event of this.#byClient.get(connectionId) ?? []) {
      if (number === 0) event.abort(gone());
      else if (event.number === number) event.cancel();
    }
  }

  /** The link is gone: no answer arrives any more. */
  abandon(): void {
    const { address } = this.#owner.link.peer;
    const reason = new LinkClosedError(
      `Cannot answer: the link with gateway "${address}" is gone`,
    );
    for (const event of this.#all()) {
      this.#forget(event);
      event.abort(reason);
    }
  }

  /**
   * The worker ends: answers what nobody will, and leaves those whose handlers still run
   * to the workers that are told them again.
   */
  end(): void {
    for (const event of this.#all()) {
      if (event.isHandled) event.giveUp("lost");
      else event.abort(ending());
    }
  }

  #all(): LaneRequestEvent[] {
    return [...this.#byClient.values()].flatMap((requests) => [...requests]);
  }

  #send(connectionId: number, frame: string | Uint8Array): void {
    const { link } = this.#owner;
    if (!link.isOpen) return;
    if (link.isFull && frame.length > ALWAYS_TAKEN) throw full(link);
    link.sendMessage(Command.SendToOne, connectionId, 0, frame, Flag.Typed);
  }

  #forget(event: LaneRequestEvent): void {
    if (!removeFrom(this.#byClient, event.lane.connectionId, event)) return;
    this.#owner.tally.open--;
    if (event.isDetached) this.#owner.tally.detached--;
  }
}

function full({ peer, log }: Link): LinkFullError {
  return new LinkFullError(peer.address, log.pendingBytes);
}

function ending(): DOMException {
  return new DOMException("The worker ends", "AbortError");
}

function gone(): DOMException {
  return new DOMException("The client is gone", "AbortError");
}
