// deno-lint-ignore-file no-console -- a program: it tells what it was told
// Shows traces as they come, each as a tree: enough of an OpenTelemetry collector to see
// what a cluster exports, in JSON over HTTP.
//
//   deno run --allow-net examples/traces/collector.ts
//
// Port 4318 is where OTLP over HTTP goes if nobody says otherwise.

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly {
    readonly key: string;
    readonly value: Readonly<Record<string, unknown>>;
  }[];
}

interface Export {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly Span[] }[];
  }[];
}

/** Spans of processes come one after another: a trace is shown when it is quiet. */
const QUIET = 2_000;

interface Trace {
  readonly spans: Span[];
  timer?: ReturnType<typeof setTimeout>;
}

const traces = new Map<string, Trace>();

function show(traceId: string): void {
  const { spans = [] } = traces.get(traceId) ?? {};
  traces.delete(traceId);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  console.log(`trace ${traceId}`);
  for (const span of spans) {
    if (!ids.has(span.parentSpanId ?? "")) showUnder(span, spans, 1);
  }
}

function showUnder(span: Span, spans: readonly Span[], depth: number): void {
  const took = Number(
    BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano),
  ) / 1e6;
  const who = span.attributes?.find(({ key }) => key === "messaging.client.id");
  const by = who === undefined ? "" : `  ${Object.values(who.value)[0]}`;
  console.log(`${"  ".repeat(depth)}${span.name}  ${took.toFixed(1)} ms${by}`);
  for (const child of spans) {
    if (child.parentSpanId === span.spanId) showUnder(child, spans, depth + 1);
  }
}

Deno.serve({ hostname: "127.0.0.1", port: 4318 }, async (request) => {
  const { resourceSpans = [] }: Export = await request.json();
  for (const { scopeSpans } of resourceSpans) {
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      const trace: Trace = traces.get(span.traceId) ?? { spans: [] };
      trace.spans.push(span);
      clearTimeout(trace.timer);
      trace.timer = setTimeout(() => show(span.traceId), QUIET);
      traces.set(span.traceId, trace);
    }
  }
  return Response.json({});
});
