import { assert, assertEquals } from "@std/assert";
import { bytes, clientFrame, text } from "../unit/transport/_feed.ts";
import { RawClient } from "../unit/transport/_raw_client.ts";

/** What a gateway says when a client has said hello. */
export interface Welcome {
  readonly resumed: boolean;
  readonly t: string;
  readonly id: string;
  readonly in: number;
  readonly gap: number;
  readonly reason?: string;
  readonly ping: number;
  readonly spread: number;
  readonly window: number;
}

/** What a {@linkcode LastingClient} says first. */
export interface HelloFields {
  readonly t?: string;
  readonly r?: number;
  readonly a?: unknown;
}

/** How to connect. */
export interface LastingClientOptions {
  /** Further lines of the upgrade request. */
  readonly headers?: string;
  /** The path. */
  readonly path?: string;
}

/**
 * One socket of a client that speaks `gatewayworker.v1` by hand: it counts nothing and
 * answers nothing by itself.
 */
export class LastingClient implements Disposable {
  readonly #raw: RawClient;

  /** What the upgrade was answered with. */
  readonly answer: string;

  private constructor(raw: RawClient, answer: string) {
    this.#raw = raw;
    this.answer = answer;
  }

  /** Dials, and shakes hands. */
  static async dial(
    addr: { port: number },
    { headers = "", path = "/" }: LastingClientOptions = {},
  ): Promise<LastingClient> {
    const raw = await RawClient.dial(addr);
    await raw.say(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n` +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        `Sec-WebSocket-Protocol: gatewayworker.v1\r\n${headers}\r\n`,
    );
    return new LastingClient(raw, await raw.hearUntil("\r\n\r\n"));
  }

  /** Dials, says hello, and waits for the welcome. */
  static async connect(
    addr: { port: number },
    hello: HelloFields = {},
    options: LastingClientOptions = {},
  ): Promise<[client: LastingClient, welcome: Welcome]> {
    const client = await LastingClient.dial(addr, options);
    await client.hello(hello);
    return [client, await client.welcome()];
  }

  /** Says hello. */
  async hello({ t = "", r = 0, a }: HelloFields = {}): Promise<void> {
    await this.say(`h${JSON.stringify({ t, r, a })}`);
  }

  /** Waits for the welcome. */
  async welcome(): Promise<Welcome> {
    const frame = await this.hear();
    assert(frame.startsWith("w"), `no welcome: ${frame}`);
    return JSON.parse(frame.slice(1));
  }

  /** Sends texts, each in a frame of its own. */
  async say(...texts: string[]): Promise<void> {
    for (const one of texts) await this.#raw.say(clientFrame(1, one));
  }

  /** Sends a binary message: its first byte, and a text. */
  async sayBinary(letter: number, rest: string): Promise<void> {
    const payload = bytes(` ${rest}`);
    payload[0] = letter;
    await this.#raw.say(clientFrame(2, payload));
  }

  /**
   * Waits for the next frame: a text as it is, `<letter>:text` for a binary one, `code
   * reason` in brackets for a close frame.
   */
  async hear(): Promise<string> {
    const [first = 0, mark = 0] = await this.#raw.hear(2);
    let length = mark & 0x7f;
    if (length === 126) length = number(await this.#raw.hear(2));
    else if (length === 127) length = number(await this.#raw.hear(8));
    const payload = await this.#raw.hear(length);
    switch (first & 0x0f) {
      case 1:
        return text(payload);
      case 2:
        return `${payload[0]}:${text(payload.subarray(1))}`;
      case 8:
        return `[${number(payload.subarray(0, 2))} ${
          text(payload.subarray(2))
        }]`;
      default:
        return this.hear();
    }
  }

  /** Waits for the next frame that is none of those letters. */
  async hearBut(...letters: string[]): Promise<string> {
    while (true) {
      const frame = await this.hear();
      if (!letters.includes(frame.charAt(0))) return frame;
    }
  }

  /** Waits for the very frames, in that order, those with `a` and `p` aside. */
  async expect(...frames: string[]): Promise<void> {
    for (const frame of frames) {
      assertEquals(await this.hearBut("a", "p"), frame);
    }
  }

  /** Waits for the end. */
  async ended(): Promise<void> {
    await this.#raw.hearAll();
  }

  /** The cable is cut: nothing more is said. */
  [Symbol.dispose](): void {
    try {
      this.#raw[Symbol.dispose]();
    } catch {
      // It was cut before.
    }
  }
}

function number(digits: Uint8Array): number {
  return digits.reduce((sum, digit) => sum * 256 + digit, 0);
}
