/**
 * Follows some messages through this gateway: where nobody traces, there is no
 * {@linkcode Traces}, and nothing here is reached.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import {
  formatTraceparent,
  parseTraceparent,
  type TraceContext,
} from "../../base/trace_context.ts";
import { KNOWS_TRACES } from "../../link/link_version.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import type { SpanStart, TraceSpan } from "../../observe/tracing.ts";
import type { UpgradeRequest } from "../../transport/connection.ts";
import { formatClientId } from "../../wire/bodies/client_id.ts";
import { decodeName } from "../../wire/bodies/name.ts";
import { Command } from "../../wire/command.ts";
import type { FrameHeader } from "../../wire/frame.ts";
import type { Ledger } from "../clients/ledger.ts";
import type { BoundWorker, Route } from "../workers/route.ts";
import type { KeptEvent } from "../workers/waiting_events.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { Delivery } from "./delivery.ts";

const logger = roomLogger("gateway");
const limited = new RateLimitedLog();
const encoder = new TextEncoder();

/** Traces a second that clients may begin at a gateway: a trace costs more than a message. */
export const MAX_CLIENT_TRACES = 100;

/** Events that are remembered, in case their worker is lost and another one is told them. */
const MAX_KNOWN = 10_000;

/** What spans call the commands that send messages. */
const DESTINATIONS: Readonly<Record<number, string>> = {
  [Command.SendToOne]: "client",
  [Command.SendToAll]: "all",
  [Command.SendToUid]: "uid",
  [Command.SendToGroup]: "group",
};

/** What {@linkcode Traces} work with. */
export interface TracesParts {
  /** Makes spans. */
  readonly tracing: { start(start: SpanStart): TracedStep };
  /** Which part of what clients do is traced without their asking: 0 to 1. */
  readonly sample: number;
  /** What the gateway is called. */
  readonly name: string;
  /** What its clients' ids begin with. */
  readonly gatewayId: string;
  /** Counts what is sent. */
  readonly ledger: Ledger;
}

/** What a client does. */
export type TracedKind =
  | "connect"
  | "message"
  | "request"
  | "away"
  | "back"
  | "close";

/** What of a delivery takes what clients do. */
type TracedDelivery = Pick<
  Delivery,
  "takeMessage" | "takeRequest" | "takeEvent"
>;

/** As much of a span as this needs. */
export type TracedStep = Pick<TraceSpan, "context" | "end">;

/** An event that is traced. */
interface TracedEvent {
  readonly span: TracedStep;
  /** Whether a worker was sent it. */
  isSent: boolean;
}

/** The messages of this gateway that are traced. */
export class Traces {
  readonly #parts: TracesParts;
  /** By client and number of the event; the oldest first. */
  readonly #known = new Map<string, TracedEvent>();
  /** What a link said that its next command is part of. */
  readonly #announced = new WeakMap<WorkerLink, TraceContext>();
  /** What a client said that its next frame is part of. */
  #heard: { readonly route: Route; readonly context: TraceContext } | undefined;
  #second = 0;
  #begun = 0;

  /** Nothing is traced yet. */
  constructor(parts: TracesParts) {
    this.#parts = parts;
  }

  /** What takers of events tell it. */
  get hearing(): {
    onTrace(route: Route, traceparent: string): void;
    onUpgrade(route: Route, request: UpgradeRequest): void;
  } {
    return {
      onTrace: (route, traceparent) => this.hear(route, traceparent),
      onUpgrade: (route, request) => this.hearRequest(route, request),
    };
  }

  /** Looks at all that a delivery is to take. */
  before(delivery: Delivery): TracedDelivery {
    return {
      takeMessage: (route, flags, buffer, start, end) => {
        if (this.take(route, "message", end - start)) {
          delivery.takeRequest(route, buffer, start, end, flags);
        } else delivery.takeMessage(route, flags, buffer, start, end);
      },
      takeRequest: (route, buffer, start, end) => {
        this.take(route, "request", end - start);
        delivery.takeRequest(route, buffer, start, end);
      },
      takeEvent: (route, command, payload) => {
        this.take(route, kindOf(command), payload.length);
        delivery.takeEvent(route, command, payload);
      },
    };
  }

  /** A client says what its next frame is part of, which comes in the same turn. */
  hear(route: Route, traceparent: string): void {
    const context = this.#admit(parseTraceparent(traceparent));
    this.#heard = context && { route, context };
  }

  /** A client says with its request what its connection is part of. */
  hearRequest(route: Route, { target, headers }: UpgradeRequest): void {
    const [, header] = headers.find(([name]) => name === "traceparent") ?? [];
    const query = target.indexOf("?");
    const asked = header ??
      new URLSearchParams(query < 0 ? "" : target.slice(query + 1))
        .get("traceparent");
    if (asked !== null) this.hear(route, asked);
  }

  /**
   * Looks whether a client's next event is to be traced; to be called before the event
   * has its number.
   *
   * @returns Whether it is.
   */
  take(route: Route, kind: TracedKind, length: number): boolean {
    const heard = this.#heard;
    this.#heard = undefined;
    // Whoever said so may have sent nothing after it.
    const parent = heard?.route === route ? heard.context : undefined;
    const { sample, tracing, name, gatewayId } = this.#parts;
    if (parent === undefined && Math.random() >= sample) return false;
    const number = route.eventNumber + 1;
    const client = formatClientId(gatewayId, route.connectionId);
    const span = tracing.start({
      name: `forward ${kind}`,
      kind: "producer",
      parent,
      attributes: {
        "messaging.system": "gatewayworker",
        "messaging.operation.name": "forward",
        "messaging.operation.type": "send",
        "messaging.destination.name": kind,
        "messaging.client.id": name,
        "messaging.message.id": `${client}-${number}`,
        "messaging.message.conversation_id": client,
        "messaging.message.body.size": length,
      },
    });
    this.#known.set(keyOf(route.connectionId, number), { span, isSent: false });
    this.#forgetOldest();
    return true;
  }

  /** An event is about to be sent: its worker is told first what it is part of. */
  announce({ link }: BoundWorker, event: KeptEvent): void {
    const { connectionId, number } = event;
    const traced = this.#known.get(keyOf(connectionId, number));
    if (traced === undefined) return;
    if (!traced.isSent) traced.span.end();
    traced.isSent = true;
    const { version, isOriginal } = link.peer;
    if (version < KNOWS_TRACES || isOriginal) return;
    const text = formatTraceparent(traced.span.context);
    link.send(Command.Trace, connectionId, number, encoder.encode(text));
  }

  /** Hot where messages are traced: does a command, as part of what was announced. */
  around(
    link: WorkerLink,
    header: FrameHeader,
    body: Uint8Array,
    act: () => void,
  ): void {
    const { command } = header;
    if (command === Command.Trace) {
      const context = parseTraceparent(decodeName(body));
      if (context !== undefined) this.#announced.set(link, context);
      return;
    }
    const parent = this.#announced.get(link);
    if (parent === undefined) return act();
    this.#announced.delete(link);
    const destination = DESTINATIONS[command];
    if (destination === undefined) return act();
    const { tracing, name, ledger } = this.#parts;
    const { sent } = ledger;
    const span = tracing.start({
      name: `deliver ${destination}`,
      kind: "producer",
      parent,
      attributes: {
        "messaging.system": "gatewayworker",
        "messaging.operation.name": "deliver",
        "messaging.operation.type": "send",
        "messaging.destination.name": destination,
        "messaging.client.id": name,
        ...this.#clientOf(header),
      },
    });
    try {
      act();
    } finally {
      span.end({ "messaging.batch.message_count": ledger.sent - sent });
    }
  }

  #clientOf({ connectionId, command }: FrameHeader): Record<string, string> {
    if (command !== Command.SendToOne) return {};
    const client = formatClientId(this.#parts.gatewayId, connectionId);
    return { "messaging.message.conversation_id": client };
  }

  /** Lets a client begin a trace, unless all of them begin too many. */
  #admit(context: TraceContext | undefined): TraceContext | undefined {
    if (context === undefined) return undefined;
    const second = Math.floor(now() / 1000);
    if (second !== this.#second) this.#begun = 0;
    this.#second = second;
    if (++this.#begun <= MAX_CLIENT_TRACES) return context;
    limited.once("traces", (suppressed) => {
      logger.warn(
        "Left out traces of clients, as they begin more than {limit} a second ({suppressed} like this before)",
        { limit: MAX_CLIENT_TRACES, suppressed },
      );
    });
    return undefined;
  }

  #forgetOldest(): void {
    if (this.#known.size <= MAX_KNOWN) return;
    const [oldest] = this.#known;
    if (oldest === undefined) return;
    const [key, { span, isSent }] = oldest;
    this.#known.delete(key);
    if (!isSent) span.end();
  }
}

/** What a client does that is neither a message nor a request. */
function kindOf(command: number): TracedKind {
  switch (command) {
    case Command.Connect:
      return "connect";
    case Command.Away:
      return "away";
    case Command.Back:
      return "back";
    default:
      return "close";
  }
}

function keyOf(connectionId: number, number: number): string {
  return `${connectionId}-${number}`;
}
