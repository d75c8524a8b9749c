/** A gateway that accepts a link, and then says nothing. @module */

import { assertLess } from "@std/assert";
import { BusinessWorker, GatewayClient, Register } from "../../mod.ts";
import { now } from "../../lib/base/clock.ts";
import { eventually } from "../_support/eventually.ts";
import { LinePeer } from "../_support/line_peer.ts";

/** Less than a handshake may take, far more than it takes to end one. */
const SOON = 4_000;

/** Takes connections, and leaves them at that. */
class SilentGateway implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.Conn[] = [];
  /** Where it listens. */
  readonly address = `127.0.0.1:${this.#listener.addr.port}`;

  constructor() {
    void this.#accept();
  }

  /** How many came. */
  get dialed(): number {
    return this.#conns.length;
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) this.#conns.push(conn);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const conn of this.#conns) conn.close();
  }
}

Deno.test("whoever dials a gateway that says nothing can be closed at once", async () => {
  await using register = await Register.start({ listen: "127.0.0.1:0" });
  using gateway = new SilentGateway();
  using peer = await LinePeer.dial(register.addr);
  await peer.announceOurs(gateway.address);
  const registers = [register.status().address];
  const client = await GatewayClient.connect({
    register: registers,
    connectTimeout: 500,
  });
  const worker = await BusinessWorker.start({
    register: registers,
    handler: () => {},
    drainTimeout: 50,
  });
  await eventually("both have dialed", () => gateway.dialed === 2);
  const before = now();

  await Promise.all([client[Symbol.asyncDispose](), worker.shutdown()]);

  assertLess(now() - before, SOON);
});
