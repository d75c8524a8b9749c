/**
 * The far end of a link: takes every frame and acknowledges it, as a worker does
 * whose handler has nothing to do.
 *
 *     deno run --allow-net tests/bench/load/link_sink.ts 9000
 *
 * @module
 */
import { Command } from "../../../lib/wire/command.ts";
import { Link } from "../../../lib/link/link.ts";
import type { LinkOwner } from "../../../lib/link/link_owner.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";

const NOTHING = new Uint8Array(0);

/** Counts events and acknowledges them with the next write. */
class Sink implements LinkOwner {
  readonly #link: Link;
  #received = 0;
  #acknowledged = 0;

  constructor(conn: Deno.Conn) {
    const names = {
      name: "",
      instance: "",
      address: "",
      version: LINK_VERSIONS.highest,
    };
    this.#link = new Link(conn, { role: "gateway", ...names }, this, {
      keepFrames: true,
      gatherWithin: 0,
    });
  }

  start(): void {
    this.#link.start();
  }

  onFrame(): void {
    if (this.#received++ === this.#acknowledged) this.#link.touch();
  }

  beforeWrite(): void {
    if (this.#received === this.#acknowledged) return;
    this.#acknowledged = this.#received;
    const [high, low] = [this.#received / 2 ** 32, this.#received % 2 ** 32];
    const { log } = this.#link;
    log.append(Command.Acknowledge, 0, Math.floor(high), low, NOTHING, 0, 0);
  }

  onClosed(): void {
    // The source is done: nothing is kept.
  }
}

if (import.meta.main) {
  const port = Number(Deno.args[0] ?? 0);
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  for await (const conn of listener) {
    conn.setNoDelay(true);
    new Sink(conn).start();
  }
}
