/**
 * Spans, by way of `@opentelemetry/api` and the runtime's own exporter: Deno collects
 * and sends them where `OTEL_DENO=true` is set, and nothing of this is loaded where it
 * is not.
 *
 * @module
 */
import type * as OpenTelemetry from "@opentelemetry/api";
import { isPromise } from "../base/is_promise.ts";
import { messageOf, nameOf } from "../base/thrown.ts";
import type { TraceContext } from "../base/trace_context.ts";
import { VERSION } from "../base/version.ts";

/** Who makes the spans. */
const SCOPE = "@gatewayworker/core";

/** Where the runtime puts its tracer at its start, by the convention of the API. */
const REGISTRY = Symbol.for("opentelemetry.js.api.1");

/** What a span says of itself: names by OpenTelemetry's conventions for messaging. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** How a span begins. */
export interface SpanStart {
  /** What it is called: an operation, and on what. Few different ones. */
  readonly name: string;
  /** Whether a message is handed on, or handled. */
  readonly kind: "producer" | "consumer";
  /** What is known of it. */
  readonly attributes: SpanAttributes;
  /** Whose child it is; a trace of its own begins without. */
  readonly parent?: TraceContext | undefined;
}

/** One step of a message's way, while it is being taken. */
export class TraceSpan {
  readonly #span: OpenTelemetry.Span;
  readonly #error: OpenTelemetry.SpanStatusCode;

  /** @ignore Made by {@linkcode Tracing.start}. */
  constructor(
    span: OpenTelemetry.Span,
    error: OpenTelemetry.SpanStatusCode,
  ) {
    this.#span = span;
    this.#error = error;
  }

  /** As the API has it. */
  get span(): OpenTelemetry.Span {
    return this.#span;
  }

  /** What its children name as their parent. */
  get context(): TraceContext {
    const { traceId, spanId } = this.#span.spanContext();
    return { traceId, spanId };
  }

  /** It is over. */
  end(attributes: SpanAttributes = {}): void {
    this.#span.setAttributes({ ...attributes });
    this.#span.end();
  }

  /** It is over, with an error; whatever was thrown. */
  fail(error: unknown): void {
    const message = messageOf(error);
    this.#span.setStatus({ code: this.#error, message });
    this.end({ "error.type": nameOf(error) });
  }
}

/** Makes spans. */
export class Tracing {
  readonly #api: typeof OpenTelemetry;
  readonly #tracer: OpenTelemetry.Tracer;

  private constructor(api: typeof OpenTelemetry) {
    this.#api = api;
    this.#tracer = api.trace.getTracer(SCOPE, VERSION);
  }

  /** Begins, if the runtime exports what is traced; else loads nothing. */
  static async load(): Promise<Tracing | undefined> {
    if (!(REGISTRY in globalThis)) return undefined;
    return new Tracing(await import("@opentelemetry/api"));
  }

  /** Begins a span. */
  start({ name, kind, attributes, parent }: SpanStart): TraceSpan {
    const { SpanKind, SpanStatusCode, ROOT_CONTEXT } = this.#api;
    const context = parent === undefined
      ? ROOT_CONTEXT
      : this.#remote(ROOT_CONTEXT, parent);
    const span = this.#tracer.startSpan(name, {
      kind: kind === "producer" ? SpanKind.PRODUCER : SpanKind.CONSUMER,
      attributes: { ...attributes },
    }, context);
    return new TraceSpan(span, SpanStatusCode.ERROR);
  }

  /** Of which trace the code is that runs now; `undefined` if of none that is recorded. */
  get active(): TraceContext | undefined {
    const context = this.#api.trace.getActiveSpan()?.spanContext();
    if (context === undefined || !this.#api.isSpanContextValid(context)) {
      return undefined;
    }
    const { traceId, spanId, traceFlags } = context;
    const isSampled = (traceFlags & this.#api.TraceFlags.SAMPLED) !== 0;
    return isSampled ? { traceId, spanId } : undefined;
  }

  /** Has code, and all that it awaits, know a span as the active one. */
  within<Result>({ span }: TraceSpan, act: () => Result): Result {
    const { context, trace } = this.#api;
    return context.with(trace.setSpan(context.active(), span), act);
  }

  /** Has code know as the active span one that is over, or elsewhere. */
  as<Result>(active: TraceContext, act: () => Result): Result {
    const { context } = this.#api;
    return context.with(this.#remote(context.active(), active), act);
  }

  /**
   * The same as `within`, and the span ends when the code has: with its error, if it throws.
   *
   * @returns What the code returns; of a promise, one that settles as it does.
   */
  during(span: TraceSpan, act: () => unknown): unknown {
    let result: unknown;
    try {
      result = this.within(span, act);
    } catch (error) {
      span.fail(error);
      throw error;
    }
    if (!isPromise(result)) {
      span.end();
      return result;
    }
    // What is no promise but has a `then` may begin anew each time that it is called.
    const promise = Promise.resolve(result);
    promise.then(() => span.end(), (error) => span.fail(error));
    return promise;
  }

  #remote(
    context: OpenTelemetry.Context,
    span: TraceContext,
  ): OpenTelemetry.Context {
    const { trace, TraceFlags } = this.#api;
    const traceFlags = TraceFlags.SAMPLED;
    return trace.setSpanContext(context, {
      ...span,
      traceFlags,
      isRemote: true,
    });
  }
}
