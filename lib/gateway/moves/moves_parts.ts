import type { Arrivals } from "../clients/arrivals.ts";
import type { Authorizer } from "../clients/authorizer.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { Interest } from "../../link/interest.ts";
import type { Asks } from "../commands/asks.ts";
import type { FanOut } from "../commands/fan_out.ts";
import type { TypedFrames } from "../commands/typed_frames.ts";
import type { Delivery } from "../delivery/delivery.ts";
import type { Witnesses } from "../delivery/witnesses.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

/** The links of a gateway, as far as sessions that move have to do with them. */
export interface SendingLinks {
  /** The links of those who send to clients, and answer for themselves. */
  senders(): Iterable<WorkerLink>;
  /** How many of them ever came. */
  readonly came: number;
  /** The newest count of messages to many that came of each sender. */
  stamps(): ReadonlyMap<string, number>;
}

/** What of a gateway has to do with sessions that move. */
export interface MovesParts {
  /** Its clients. */
  readonly table: ClientTable;
  /** Brings their events to workers. */
  readonly delivery: Delivery;
  /** Whom it is linked with. */
  readonly links: SendingLinks;
  /** Lets clients in; `undefined` if all may come. */
  readonly authorizer: Authorizer | undefined;
  /** Questions to clients. */
  readonly asks: Asks;
  /** Who knows of whom. */
  readonly witnesses: Witnesses;
  /** Tells who sends what to whom that somebody comes. */
  readonly interest: Interest;
  /** Clients that are on their way here. */
  readonly arrivals: Arrivals;
  /** Sends to clients. */
  readonly fanOut: FanOut;
  /** Clients' requests. */
  readonly typed: TypedFrames;
}
