/** A collector of spans, as far as tests want one: OTLP over HTTP, in JSON. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Who made it. */
  readonly scope: string;
}

type Json = Record<string, unknown>;

/** Takes spans, and answers whatever else it is asked with nothing. */
export class Collector implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #waiting = new Set<() => void>();
  /** What came. */
  readonly spans: Span[] = [];
  /** `traceparent` headers of requests that are none of an exporter. */
  readonly asked: string[] = [];

  /** Listens. */
  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#take(request),
    );
  }

  /** Where it is reached. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** What the runtime of a process is to be told. */
  get env(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: this.url,
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
  }

  /** The spans of one trace, once they are what is wanted. */
  async until(isWhole: (spans: readonly Span[]) => boolean): Promise<Span[]> {
    while (!isWhole(this.spans)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return [...this.spans];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #take(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/traces") this.#read(await request.json());
    else {
      const context = request.headers.get("traceparent");
      if (context !== null) this.asked.push(context);
      await request.body?.cancel();
    }
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    return Response.json({});
  }

  #read(body: Json): void {
    for (const resource of listOf(body["resourceSpans"])) {
      for (const { scope, spans } of listOf(resource["scopeSpans"])) {
        for (const span of listOf(spans)) {
          this.spans.push({
            traceId: String(span["traceId"]),
            spanId: String(span["spanId"]),
            parentSpanId: String(span["parentSpanId"] ?? ""),
            name: String(span["name"]),
            kind: Number(span["kind"]),
            attributes: attributesOf(span["attributes"]),
            scope: String((scope as Json)["name"]),
          });
        }
      }
    }
  }
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value : [];
}

function attributesOf(list: unknown): Record<string, unknown> {
  return Object.fromEntries(
    listOf(list).map((
      { key, value },
    ) => [key, Object.values(value as Json)[0]]),
  );
}
