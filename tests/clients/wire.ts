import { Buffer } from "node:buffer";
import { ClientFrames } from "./client_frames.ts";

/** One character for each byte; `TextDecoder` has no encoding that does so. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    .toString("latin1");
}

/** A close frame whose reason names the code that it shall have. */
// deno-lint-ignore no-control-regex -- the length of a frame
const ORDER = /\x88[\x00-\x7f][\s\S]{2}say (\d{4})/;

/** Puts in the code that a close frame asks for: some are not a handler's to say. */
function obey(bytes: Uint8Array): Uint8Array {
  const found = ORDER.exec(latin1(bytes));
  if (found === null) return bytes;
  const changed = bytes.slice();
  new DataView(changed.buffer).setUint16(found.index + 2, Number(found[1]));
  return changed;
}

/** Cuts off the part up to the end of an HTTP head; keeps it as text. */
class Head {
  text = "";

  /** Whether the whole head has passed. */
  get isWhole(): boolean {
    return this.text.includes("\r\n\r\n");
  }

  /** Takes what belongs to the head; returns the rest. */
  take(bytes: Uint8Array): Uint8Array {
    if (this.isWhole) return bytes;
    const before = this.text.length;
    const all = this.text + latin1(bytes);
    const end = all.indexOf("\r\n\r\n");
    this.text = end < 0 ? all : all.slice(0, end + 4);
    return bytes.subarray(this.text.length - before);
  }

  /** The value of a header; `undefined` if there is none. */
  header(name: string): string | undefined {
    return new RegExp(`^${name}: *(.*?) *\r$`, "im").exec(this.text)?.[1];
  }
}

/** What stands between one client and the gateway: passes all on, and looks at it. */
export class Wire implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #gateway: number;
  readonly #running: Promise<void>;
  readonly #open = new Set<Deno.TcpConn>();
  /** The client's last request. */
  request = new Head();
  /** The answer to it. */
  answer = new Head();
  /** What the client sent after that. */
  frames = new ClientFrames();

  /** @param gateway The gateway's port on this machine. */
  constructor(gateway: number) {
    this.#gateway = gateway;
    this.#running = this.#accept();
  }

  /** The port that the client shall connect to. */
  get port(): number {
    return this.#listener.addr.port;
  }

  async #accept(): Promise<void> {
    const passing: Promise<unknown>[] = [];
    for await (const client of this.#listener) {
      passing.push(this.#pass(client));
    }
    await Promise.all(passing);
  }

  async #pass(client: Deno.TcpConn): Promise<void> {
    this.#open.add(client);
    const gateway = await Deno.connect({
      hostname: "127.0.0.1",
      port: this.#gateway,
    });
    this.#open.add(gateway);
    const request = this.request = new Head();
    const answer = this.answer = new Head();
    const frames = this.frames = new ClientFrames();
    const up = pump(client, gateway, (bytes) => {
      frames.push(request.take(bytes));
      return bytes;
    });
    const down = pump(gateway, client, (bytes) => {
      answer.take(bytes);
      return obey(bytes);
    });
    await Promise.all([up, down]);
    for (const end of [client, gateway]) {
      this.#open.delete(end);
      end.close();
    }
  }

  /** Cuts what is still connected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const end of this.#open) await end.closeWrite().catch(() => {});
    await this.#running;
  }
}

/** Passes on one direction until it ends. */
async function pump(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  look: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    while (true) {
      const count = await from.read(buffer);
      if (count === null) break;
      let rest = look(buffer.subarray(0, count));
      while (rest.length > 0) rest = rest.subarray(await to.write(rest));
    }
  } catch {
    // One side broke the connection: so does the wire.
  }
  await to.closeWrite().catch(() => {});
}
