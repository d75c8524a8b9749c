import { assert } from "@std/assert";
import { parseAddress } from "../../../lib/base/address.ts";

/** Writes bytes to a port, and waits until the other side ends the connection. */
export async function throwAt(
  address: string,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  const heard: number[] = [];
  using conn = await Deno.connect(parseAddress(address));
  try {
    await conn.write(bytes);
    const buffer = new Uint8Array(1_024);
    for (
      let count = await conn.read(buffer);
      count !== null;
      count = await conn.read(buffer)
    ) heard.push(...buffer.subarray(0, count));
  } catch (error) {
    assert(error instanceof Error);
  }
  return new Uint8Array(heard);
}

/** What whoever scans ports tries. */
export const JUNK: readonly Uint8Array[] = [
  new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  new TextEncoder().encode("EHLO scanner.example.com\r\n\n"),
  // A handshake of TLS without what belongs in it.
  Uint8Array.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1, 1]),
  new Uint8Array(300).fill(255),
];

/** Passes one connection on, and keeps what the dialing side said. */
export class Tap implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.Conn[] = [];
  readonly #passing: Promise<void>;
  /** Where it listens, `host:port`. */
  readonly address = `127.0.0.1:${this.#listener.addr.port}`;
  /** Bytes from the dialing side. */
  readonly said: number[] = [];
  /** Bytes from the listening side. */
  readonly answered: number[] = [];

  /** @param target Where the connection is passed on to, `host:port`. */
  constructor(target: string) {
    this.#passing = this.#run(target);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const each of [this.#listener, ...this.#conns]) closeQuietly(each);
    await this.#passing;
  }

  async #run(target: string): Promise<void> {
    try {
      const near = await this.#listener.accept();
      this.#conns.push(near);
      const far = await Deno.connect(parseAddress(target));
      this.#conns.push(far);
      await Promise.all([
        pass(near, far, this.said),
        pass(far, near, this.answered),
      ]);
    } catch (error) {
      assert(error instanceof Error);
    }
  }
}

async function pass(
  from: Deno.Conn,
  to: Deno.Conn,
  record: number[],
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (
      let count = await from.read(buffer);
      count !== null;
      count = await from.read(buffer)
    ) {
      record.push(...buffer.subarray(0, count));
      for (let at = 0; at < count;) {
        at += await to.write(buffer.subarray(at, count));
      }
    }
  } catch (error) {
    assert(error instanceof Error);
  }
  closeQuietly(from);
  closeQuietly(to);
}

function closeQuietly(resource: Deno.Conn | Deno.Listener): void {
  try {
    resource.close();
  } catch {
    // Closed already.
  }
}
