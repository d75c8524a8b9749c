import type { Cluster, Handler } from "../../../mod.ts";
import { encodeBody } from "../../../lib/wire/body.ts";
import { Link } from "../../../lib/link/link.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import {
  type AnyLaneEvent,
  LaneCloseEvent,
  LaneMessageEvent,
} from "../../../lib/worker/events/events.ts";
import { Lane, type LaneOwner } from "../../../lib/worker/lane.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";

const CLIENT_ID = "7f0000010b5400000001";

const PEER = {
  role: "gateway",
  name: "",
  instance: "",
  address: "",
  version: LINK_VERSIONS.highest,
} as const;

/** A lane, and all that it needs. */
export class TestLane implements LaneOwner {
  readonly cluster = {} as Cluster;
  readonly handler: Handler;
  readonly link: Link;
  readonly lane: Lane;
  readonly done: number[] = [];
  readonly requests = { cancel: () => {} };
  readonly mayPass = () => true;
  isSuspended = false;
  thrown = 0;
  timedOut = 0;
  #sequence = 0;

  constructor(handler: Handler) {
    this.handler = handler;
    const [conn] = MemoryConn.pair();
    this.link = new Link(
      conn,
      PEER,
      { onFrame: () => {}, onClosed: () => {} },
      { keepFrames: true, gatherWithin: 0 },
    );
    this.lane = new Lane(1, CLIENT_ID, this);
  }

  say(text: string): void {
    const bytes = new TextEncoder().encode(text);
    const number = ++this.#sequence;
    this.lane.push(
      new LaneMessageEvent(
        this.lane,
        number,
        false,
        bytes,
        0,
        bytes.length,
        false,
      ),
      number,
    );
  }

  leave(): void {
    const body = encodeBody({ code: 1001, reason: "bye" });
    const number = ++this.#sequence;
    this.lane.push(
      new LaneCloseEvent(this.lane, number, false, body, 0, body.length),
      number,
    );
  }

  onDone(_lane: Lane, _event: AnyLaneEvent, sequence: number): void {
    this.done.push(sequence);
  }

  onThrown(): void {
    this.thrown++;
  }

  onTimedOut(): void {
    this.timedOut++;
  }
}
