/** How long a worker that found the port taken waits, in milliseconds. */
const RETRY_DELAY = 1_000;

/** How long whatever holds the port has to answer, in milliseconds. */
const PROBE_TIMEOUT = 5_000;

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'none'; script-src 'unsafe-inline' http: https:; style-src 'unsafe-inline'; img-src data:; connect-src ws: wss:; base-uri 'none'; frame-ancestors 'none'",
};

/** What is served, and where. */
export interface PageOptions {
  /** What the example is called, such as `Chat`. */
  readonly name: string;
  /** The page: `{{gateway}}` in it becomes the gateway that it connects to. */
  readonly file: URL;
}

/**
 * The page of an example, served by whichever worker of a machine gets the port
 * first. The others stand by, and one of them takes over when that worker is stopped,
 * reloaded or killed. `CHAT_PORT` moves the page of `Chat`; `CHAT_GATEWAY` is the
 * gateway, if that is not at port 8282 of the page's own host.
 */
export class Page {
  readonly #options: PageOptions;
  /** What tells it from another program on the same port. */
  readonly #headers: Readonly<Record<string, string>>;
  readonly #port: number;
  #html = "";
  #server: Deno.HttpServer | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** Serves nothing yet. */
  constructor(options: PageOptions) {
    this.#options = options;
    this.#port = Number(this.#setting("PORT") ?? 8383);
    this.#headers = {
      ...HEADERS,
      "server-name": `gatewayworker-${options.name.toLowerCase()}`,
    };
  }

  /** Serves the page, at once or as soon as the port is free. */
  async open(): Promise<void> {
    const { name, file } = this.#options;
    const html = await Deno.readTextFile(file);
    const gateway = this.#setting("GATEWAY") ?? "";
    this.#html = html.replace("{{gateway}}", escapeAttribute(gateway));
    if (this.#tryToServe()) {
      print(`${name}: open http://127.0.0.1:${this.#port}`);
    } else if (await this.#isTakenByStranger()) {
      const variable = `${name.toUpperCase()}_PORT`;
      print(
        `${name}: port ${this.#port} is taken by another program; set ${variable}`,
      );
    }
  }

  /** Stops serving, or waiting for the port. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#server?.shutdown();
  }

  #setting(what: string): string | undefined {
    return Deno.env.get(`${this.#options.name.toUpperCase()}_${what}`);
  }

  /** Returns whether the port was free; if not, tries again later. */
  #tryToServe(): boolean {
    try {
      this.#server = Deno.serve(
        { port: this.#port, onListen: () => {} },
        (request) => this.#answer(request),
      );
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      this.#retry = setTimeout(() => this.#tryToServe(), RETRY_DELAY);
      return false;
    }
  }

  #answer(request: Request): Response {
    return new URL(request.url).pathname === "/"
      ? new Response(this.#html, { headers: this.#headers })
      : new Response("Not found", { status: 404 });
  }

  /** Whether what holds the port is something else than a worker of this example. */
  async #isTakenByStranger(): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT);
      const url = `http://127.0.0.1:${this.#port}/`;
      const response = await fetch(url, { signal });
      await response.body?.cancel();
      const name = response.headers.get("server-name");
      return name !== this.#headers["server-name"];
    } catch {
      // It does not speak HTTP, or is silent.
      return true;
    }
  }
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function print(line: string): void {
  // deno-lint-ignore no-console -- this line is for the person who started the example
  console.log(line);
}
