import { createHash } from "node:crypto";
import { endsWithin } from "../../lib/base/pause.ts";
import { now } from "../../lib/base/clock.ts";
import { ClientFrames } from "./client_frames.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const GREETING = Uint8Array.of(0x81, 2, 0x68, 0x69);

function answerTo(head: string): string {
  const key = /^sec-websocket-key: *(.*?)\r$/im.exec(head)?.[1] ?? "";
  const accept = createHash("sha1").update(key + GUID).digest("base64");
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

/** Reads until the client has gone, however it goes. */
async function untilItEnds(client: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(4_096);
  try {
    while (await client.read(buffer) !== null);
  } catch {
    // It broke the connection, or is held no longer.
  }
}

/** Milliseconds after which nobody is expected to give up waiting. */
const ENDLESS = 33_000;

/**
 * Greets one client and never says another word: for how long does who says goodbye
 * wait for the answer?
 */
export class MuteServer {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  /** Milliseconds from the client's close frame until it has gone; Infinity if it stays. */
  readonly waited: Promise<number> = this.#serve();

  /** Where it listens. */
  get port(): number {
    return this.#listener.addr.port;
  }

  async #accept(): Promise<Deno.TcpConn | undefined> {
    try {
      return await this.#listener.accept();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
      return undefined;
    }
  }

  async #serve(): Promise<number> {
    using client = await this.#accept();
    if (client === undefined) return 0;
    const buffer = new Uint8Array(4_096);
    let head = "";
    while (!head.endsWith("\r\n\r\n")) {
      const count = await client.read(buffer) ?? 0;
      if (count === 0) return 0;
      head += new TextDecoder().decode(buffer.subarray(0, count));
    }
    await client.write(new TextEncoder().encode(answerTo(head)));
    await client.write(GREETING);
    const frames = new ClientFrames();
    while (frames.close === undefined) {
      const count = await client.read(buffer).catch(() => null);
      if (count === null) return 0;
      frames.push(buffer.subarray(0, count));
    }
    const since = now();
    const end = untilItEnds(client).then(() => now() - since);
    return await endsWithin(end, ENDLESS) ? await end : Infinity;
  }

  /** Lets nobody in any more. */
  close(): void {
    this.#listener.close();
  }
}
