import { pause } from "../../lib/base/pause.ts";
import { parseAddress } from "../../lib/base/address.ts";

/** A cable between a worker and a gateway that can be cut, or squeezed. */
export class LinkProxy implements Disposable {
  readonly #target: string | (() => string);
  #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns = new Set<Deno.Conn>();
  #thaw: PromiseWithResolvers<void> | undefined;
  /** Where it listens, `host:port`. */
  readonly address = `127.0.0.1:${this.#listener.addr.port}`;
  /** Connections that were passed on. */
  passed = 0;
  /** Milliseconds that bytes take, in both directions. */
  delay = 0;

  /**
   * @param target Where connections are passed on to, `host:port`; asked for each.
   * @param outlives Whether it goes on when the target is gone, for one that comes back.
   */
  constructor(
    target: string | (() => string),
    private readonly outlives: boolean = false,
  ) {
    this.#target = target;
    void this.#accept();
  }

  /** Cuts all connections; new ones are passed on again. */
  cut(): void {
    for (const conn of this.#conns) close(conn);
    this.#conns.clear();
  }

  /** Passes nothing on until thawed, as if what it leads to stood still. */
  freeze(): void {
    this.#thaw ??= Promise.withResolvers();
  }

  /** Passes everything on again. */
  thaw(): void {
    this.#thaw?.resolve();
    this.#thaw = undefined;
  }

  /** Cuts all connections for ever. */
  [Symbol.dispose](): void {
    close(this.#listener);
    this.thaw();
    this.cut();
  }

  async #accept(): Promise<void> {
    try {
      while (true) {
        const near = await this.#listener.accept();
        this.#conns.add(near);
        const far = await this.#dial(near);
        if (far === undefined) continue;
        this.passed++;
        void this.#pass(near, far);
        void this.#pass(far, near);
      }
    } catch {
      // The listener was closed, or the target is gone: that ends the cable.
      this[Symbol.dispose]();
    }
  }

  async #dial(near: Deno.Conn): Promise<Deno.Conn | undefined> {
    try {
      const target = this.#target;
      const address = typeof target === "string" ? target : target();
      return await Deno.connect(parseAddress(address));
    } catch (error) {
      if (!this.outlives) throw error;
      close(near);
      this.#conns.delete(near);
      return undefined;
    }
  }

  async #pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    this.#conns.add(from);
    try {
      const buffer = new Uint8Array(64 * 1024);
      while (true) {
        const count = await from.read(buffer);
        await this.#thaw?.promise;
        if (this.delay > 0) await pause(this.delay);
        if (count === null) break;
        for (let at = 0; at < count;) {
          at += await to.write(buffer.subarray(at, count));
        }
      }
    } catch {
      // Either end is gone: so is the other one.
    }
    close(from);
    close(to);
    this.#conns.delete(from);
  }
}

function close(resource: Deno.Conn | Deno.Listener): void {
  try {
    resource.close();
  } catch {
    // Closed already.
  }
}
