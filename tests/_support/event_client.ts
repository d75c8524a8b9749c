import { assert, assertEquals } from "@std/assert";
import { bytes } from "../unit/transport/_feed.ts";
import type { HelloFields, Welcome } from "./lasting_client.ts";

/** Where to, and what of HTTP. */
export interface EventClientOptions {
  /** Further headers of each request. */
  readonly headers?: Record<string, string>;
  /** The path and query. */
  readonly path?: string;
  /** Whether each answer ends as soon as something was said. */
  readonly isShort?: boolean;
  /** Where to post; the same by default. */
  readonly postTo?: string;
  /** Calls in place of `fetch`, such as one that trusts a certificate. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/**
 * A client of `gatewayworker.v1` without a WebSocket, said by hand: it counts nothing
 * and answers nothing by itself.
 */
export class EventClient implements Disposable {
  readonly #url: string;
  readonly #options: EventClientOptions;
  readonly #abort = new AbortController();
  readonly #decoder = new TextDecoder();
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #text = "";
  /** Posts so far. */
  number = 0;
  /** The stream's. */
  token = "";
  /** The answer that is read now. */
  response!: Response;

  /** @param base Such as `http://127.0.0.1:8282`. */
  constructor(base: string, options: EventClientOptions = {}) {
    this.#url = base + (options.path ?? "/");
    this.#options = options;
  }

  /** Begins a stream. */
  static async dial(
    base: string | { port: number },
    options: EventClientOptions = {},
  ): Promise<EventClient> {
    const client = new EventClient(
      typeof base === "string" ? base : `http://127.0.0.1:${base.port}`,
      options,
    );
    await client.get("v1");
    if (client.response.ok) client.token = (await client.event("open")).data;
    return client;
  }

  /** Begins a stream, says hello, and waits for the welcome. */
  static async connect(
    base: string | { port: number },
    hello: HelloFields = {},
    options: EventClientOptions = {},
  ): Promise<[client: EventClient, welcome: Welcome]> {
    const client = await EventClient.dial(base, options);
    assertEquals(await client.hello(hello), 204);
    const frame = await client.hear();
    assert(frame.startsWith("w"), `no welcome: ${frame}`);
    return [client, JSON.parse(frame.slice(1))];
  }

  /** Asks for a stream, or for more of the one there is. */
  async get(token = this.token): Promise<void> {
    const { headers, isShort } = this.#options;
    this.#text = "";
    this.response = await this.#fetch(this.#url, {
      headers: {
        "Gatewayworker-Stream": token,
        ...isShort && { "Gatewayworker-Life": "short" },
        ...headers,
      },
      signal: this.#abort.signal,
    });
    this.#reader = this.response.body?.getReader();
  }

  /** Says hello; returns the status. */
  hello({ t = "", r = 0, a }: HelloFields = {}): Promise<number> {
    return this.say(`h${JSON.stringify({ t, r, a })}`);
  }

  /** Posts texts in one request; returns the status. */
  say(...texts: string[]): Promise<number> {
    return this.post(encodeFrames(texts));
  }

  /** Posts a binary frame: its first byte, and a text. */
  sayBinary(letter: number, rest: string): Promise<number> {
    const payload = bytes(` ${rest}`);
    payload[0] = letter;
    return this.post(encodeFrames([payload]));
  }

  /** Posts a body; returns the status. */
  async post(
    body: Uint8Array<ArrayBuffer>,
    number = this.number++,
  ): Promise<number> {
    const response = await this.request(body, number);
    await response.body?.cancel();
    return response.status;
  }

  /** Posts a body; returns the answer. */
  request(
    body: Uint8Array<ArrayBuffer>,
    number = this.number++,
  ): Promise<Response> {
    const { headers, postTo = this.#url } = this.#options;
    return this.#fetch(postTo, {
      method: "POST",
      headers: {
        "Gatewayworker-Stream": this.token,
        "Gatewayworker-Number": `${number}`,
        ...headers,
      },
      body,
      signal: this.#abort.signal,
    });
  }

  /** Waits for the next event. */
  async event(name?: string): Promise<{ name: string; data: string }> {
    while (true) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split("\n");
        this.#text = this.#text.slice(end + 2);
        const of = (field: string) =>
          lines.filter((line) => line.startsWith(`${field}:`))
            .map((line) => line.slice(field.length + 1).replace(/^ /, ""));
        const data = of("data");
        if (data.length === 0) continue;
        const event = {
          name: of("event")[0] ?? "message",
          data: data.join("\n"),
        };
        if (name !== undefined) assertEquals(event.name, name);
        return event;
      }
      const part = await this.#reader?.read();
      if (part?.value === undefined) return { name: "end", data: "" };
      this.#text += this.#decoder.decode(part.value, { stream: true });
    }
  }

  /**
   * Waits for the next frame: a text as it is, `<letter>:text` for a binary one, in
   * brackets what the stream says of itself. Asks for more where it is told to.
   */
  async hear(): Promise<string> {
    const { name, data } = await this.event();
    const decoded = () => Uint8Array.from(atob(data), (it) => it.charCodeAt(0));
    switch (name) {
      case "message":
        return data;
      case "t":
        return new TextDecoder().decode(decoded());
      case "b": {
        const payload = decoded();
        return `${payload[0]}:${new TextDecoder().decode(payload.subarray(1))}`;
      }
      case "next":
        await this.get();
        return this.hear();
      default:
        return `[${name} ${data}]`;
    }
  }

  /** Waits for the very frames, in that order, those with `a` and `p` aside. */
  async expect(...frames: string[]): Promise<void> {
    for (const frame of frames) {
      let heard = await this.hear();
      while (/^[ap]/.test(heard)) heard = await this.hear();
      assertEquals(heard, frame);
    }
  }

  /** The cable is cut. */
  [Symbol.dispose](): void {
    this.#abort.abort();
  }

  #fetch(url: string, init: RequestInit): Promise<Response> {
    return (this.#options.fetch ?? fetch)(url, init);
  }
}

/** Returns the body of a post. */
export function encodeFrames(
  frames: readonly (string | Uint8Array)[],
): Uint8Array<ArrayBuffer> {
  const parts = frames.flatMap((frame) => {
    const isText = typeof frame === "string";
    const payload = isText ? new TextEncoder().encode(frame) : frame;
    const header = new DataView(new ArrayBuffer(4));
    header.setUint32(0, payload.length + (isText ? 0 : 0x8000_0000));
    return [new Uint8Array(header.buffer), payload];
  });
  return new Uint8Array(parts.flatMap((part) => [...part]));
}
