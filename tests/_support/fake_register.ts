import { LinePeer } from "./line_peer.ts";

/** A Register played by hand. */
export class FakeRegister implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  /** Where it listens, `host:port`. */
  readonly address = `127.0.0.1:${this.#listener.addr.port}`;

  /** Waits for the next link. */
  async accept(): Promise<LinePeer> {
    return new LinePeer(await this.#listener.accept());
  }

  /** Accepts nobody any more. */
  [Symbol.dispose](): void {
    this.#listener.close();
  }
}
