/** Where the page is served; a person opens http://127.0.0.1:8383. */
const PORT = Number(Deno.env.get("TODPOLE_PORT") ?? 8383);

/** Gateway that the page connects to; empty for port 8282 of the page's own host. */
const GATEWAY = Deno.env.get("TODPOLE_GATEWAY") ?? "";

/** How long a worker that found the port taken waits, in milliseconds. */
const RETRY_DELAY = 1_000;

const HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src ws: wss:; base-uri 'none'; frame-ancestors 'none'",
};

/**
 * The page, served by whichever worker of a machine gets the port first. The others
 * stand by, and one of them takes over when that worker goes.
 */
export class Page {
  #html = "";
  #server: Deno.HttpServer | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** Serves the page, at once or as soon as the port is free. */
  async open(): Promise<void> {
    const file = new URL("index.html", import.meta.url);
    const html = await Deno.readTextFile(file);
    this.#html = html.replace("{{gateway}}", escapeAttribute(GATEWAY));
    this.#tryToServe();
  }

  /** Stops serving, or waiting for the port. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#server?.shutdown();
  }

  #tryToServe(): void {
    try {
      this.#server = Deno.serve(
        {
          port: PORT,
          onListen: () => print(`Todpole: open http://127.0.0.1:${PORT}`),
        },
        (request) => this.#answer(request),
      );
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
      this.#retry = setTimeout(() => this.#tryToServe(), RETRY_DELAY);
    }
  }

  #answer(request: Request): Response {
    return new URL(request.url).pathname === "/"
      ? new Response(this.#html, { headers: HEADERS })
      : new Response("Not found", { status: 404 });
  }
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function print(line: string): void {
  // deno-lint-ignore no-console -- this line is for the person who started the pond
  console.log(line);
}
