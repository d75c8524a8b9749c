/** How an {@linkcode HttpProxy} treats what it passes on. */
export interface HttpProxyOptions {
  /** Whether an answer is passed on only when it is whole. */
  readonly buffers?: boolean;
}

/** A proxy that knows no WebSocket: who wants one is answered with 403. */
export class HttpProxy implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #abort = new AbortController();
  /** Upgrades that were refused. */
  refused = 0;

  /** @param target Where requests are passed on to, `host:port`. */
  constructor(target: string, { buffers = false }: HttpProxyOptions = {}) {
    const options = {
      hostname: "127.0.0.1",
      port: 0,
      signal: this.#abort.signal,
      onListen: () => {},
    };
    this.#server = Deno.serve(options, async (request) => {
      if (request.headers.has("upgrade")) {
        this.refused++;
        return new Response("no upgrades here", { status: 403 });
      }
      const { pathname, search } = new URL(request.url);
      const body = request.body && await request.arrayBuffer();
      const answer = await fetch(`http://${target}${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        ...body && { body },
      });
      const { status, headers } = answer;
      const passedOn = buffers && status !== 204
        ? await answer.arrayBuffer()
        : answer.body;
      return new Response(passedOn, { status, headers });
    });
  }

  /** Where it listens, `host:port`. */
  get address(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** Ends, whatever is under way. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    return this.#server.finished;
  }
}
