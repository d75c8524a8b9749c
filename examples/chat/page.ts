/** Where the page is served; a person opens http://127.0.0.1:8383. */
const PORT = Number(Deno.env.get("CHAT_PORT") ?? 8383);

/** Gateway that the page connects to; empty for port 8282 of the page's own host. */
const GATEWAY = Deno.env.get("CHAT_GATEWAY") ?? "";

/** How long a worker that found the port taken waits, in milliseconds. */
const RETRY_DELAY = 1_000;

/** `server-name` tells this chat from another program on the same port. */
const HEADERS = {
  "server-name": "gatewayworker-chat",
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-cache",
  "content-security-policy":
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src ws: wss:; base-uri 'none'; frame-ancestors 'none'",
};

/**
 * The page, served by whichever worker gets the port first. The others stand by,
 * and one of them takes over when that worker is stopped, reloaded or killed.
 */
export class Page {
  #html = "";
  #server: Deno.HttpServer | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** Serves the page, at once or as soon as the port is free. */
  async open(): Promise<void> {
    const html = await Deno.readTextFile(
      new URL("index.html", import.meta.url),
    );
    this.#html = html.replace("{{gateway}}", escapeAttribute(GATEWAY));
    if (!this.#tryToServe()) await warnOfStranger();
  }

  /** Stops serving, or waiting for the port. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#server?.shutdown();
  }

  /** Returns whether the port was free. */
  #tryToServe(): boolean {
    try {
      this.#server = Deno.serve(
        {
          port: PORT,
          onListen: ({ port }) => print(`Chat: open http://127.0.0.1:${port}`),
        },
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
      ? new Response(this.#html, { headers: HEADERS })
      : new Response("Not found", { status: 404 });
  }
}

/** Says so if what holds the port is not another worker of this chat. */
async function warnOfStranger(): Promise<void> {
  try {
    const response = await fetch(`http://127.0.0.1:${PORT}/`, {
      signal: AbortSignal.timeout(RETRY_DELAY),
    });
    await response.body?.cancel();
    if (response.headers.get("server-name") === HEADERS["server-name"]) return;
  } catch {
    // Whoever held the port has left, or does not speak HTTP.
  }
  print(
    `Chat: port ${PORT} is taken by another program; waiting for it, or set CHAT_PORT`,
  );
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function print(line: string): void {
  // deno-lint-ignore no-console -- this line is for the person who started the chat
  console.log(line);
}
