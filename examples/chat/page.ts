/** Where the page is served; a person opens http://127.0.0.1:8383. */
const PORT = Number(Deno.env.get("CHAT_PORT") ?? 8383);

/** Gateway that the page connects to; empty for port 8282 of the page's own host. */
const GATEWAY = Deno.env.get("CHAT_GATEWAY") ?? "";

/** How long a worker that found the port taken waits, in milliseconds. */
const RETRY_DELAY = 1_000;

/** How long whatever holds the port has to answer, in milliseconds. */
const PROBE_TIMEOUT = 5_000;

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
    const file = new URL("index.html", import.meta.url);
    const html = await Deno.readTextFile(file);
    this.#html = html.replace("{{gateway}}", escapeAttribute(GATEWAY));
    if (this.#tryToServe()) print(`Chat: open http://127.0.0.1:${PORT}`);
    else if (await isTakenByStranger()) {
      print(`Chat: port ${PORT} is taken by another program; set CHAT_PORT`);
    }
  }

  /** Stops serving, or waiting for the port. */
  async close(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#server?.shutdown();
  }

  /** Returns whether the port was free; if not, tries again later. */
  #tryToServe(): boolean {
    try {
      this.#server = Deno.serve(
        { port: PORT, onListen: () => {} },
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

/** Says whether what holds the port is something else than a worker of this chat. */
async function isTakenByStranger(): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT);
    const response = await fetch(`http://127.0.0.1:${PORT}/`, { signal });
    await response.body?.cancel();
    return response.headers.get("server-name") !== HEADERS["server-name"];
  } catch {
    // It does not speak HTTP, or is silent.
    return true;
  }
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function print(line: string): void {
  // deno-lint-ignore no-console -- this line is for the person who started the chat
  console.log(line);
}
