import {
  formatTraceparent,
  parseTraceparent,
  type TraceContext,
} from "../../base/trace_context.ts";
import type { Link } from "../../link/link.ts";
import { KNOWS_TRACES } from "../../link/link_version.ts";
import type { TraceSpan, Tracing } from "../../observe/tracing.ts";
import { Command } from "../../wire/command.ts";
import type { Handler, HandlerEvent, HandlerReturn } from "./handler.ts";

const encoder = new TextEncoder();

/** Events whose handlers have not begun that are known to be traced, at most. */
const MAX_WAITING = 10_000;

/**
 * Has handlers run as part of the trace that their event is part of: what they `fetch`,
 * and send to clients, is too. Only where the runtime traces; else there is none of it.
 */
export class TracedHandler {
  readonly #tracing: Tracing;
  readonly #name: string;
  /** Of which trace events are, by id; those that came first come first. */
  readonly #waiting = new Map<string, TraceContext>();
  /** What events have begun as. */
  readonly #begun = new WeakMap<object, TraceContext>();

  /**
   * @param tracing Makes spans.
   * @param name What the worker is called.
   */
  constructor(tracing: Tracing, name: string) {
    this.#tracing = tracing;
    this.#name = name;
  }

  /** Tells a gateway of which trace the next message is, if it is of any. */
  announce(link: Link): void {
    const { version, isOriginal } = link.peer;
    if (version < KNOWS_TRACES || isOriginal) return;
    const { active } = this.#tracing;
    if (active === undefined) return;
    const text = formatTraceparent(active);
    link.send(Command.Trace, 0, 0, encoder.encode(text));
  }

  /** A gateway says of which trace an event is that it is about to send. */
  expect(eventId: string, traceparent: string): void {
    const context = parseTraceparent(traceparent);
    if (context === undefined) return;
    this.#waiting.set(eventId, context);
    if (this.#waiting.size <= MAX_WAITING) return;
    for (const oldest of this.#waiting.keys()) {
      return void this.#waiting.delete(oldest);
    }
  }

  /** Makes a handler that runs as part of its event's trace. */
  over(handler: Handler): Handler {
    return (event, cluster) => {
      const span = this.#begin(event);
      if (span === undefined) return handler(event, cluster);
      // It settles as the handler does.
      return this.#tracing.during(
        span,
        () => handler(event, cluster),
      ) as HandlerReturn;
    };
  }

  /** Answers with what a handler has returned, as part of the trace that it was part of. */
  answer(event: object, act: () => void): void {
    const context = this.#begun.get(event);
    if (context === undefined) act();
    else this.#tracing.as(context, act);
  }

  #begin(event: HandlerEvent): TraceSpan | undefined {
    if (this.#waiting.size === 0) return undefined;
    if (!("client" in event && "redelivered" in event)) return undefined;
    const { id, type } = event;
    const parent = this.#waiting.get(id);
    if (parent === undefined) return undefined;
    this.#waiting.delete(id);
    const span = this.#tracing.start({
      name: `process ${type}`,
      kind: "consumer",
      parent,
      attributes: {
        "messaging.system": "gatewayworker",
        "messaging.operation.name": "process",
        "messaging.operation.type": "process",
        "messaging.destination.name": type,
        "messaging.client.id": this.#name,
        "messaging.message.id": id,
        "messaging.message.conversation_id": event.client.id,
        ...(type === "request" && { "rpc.method": event.name }),
      },
    });
    this.#begun.set(event, span.context);
    return span;
  }
}
