import { assertEquals } from "@std/assert";
import { Asker } from "../../../lib/cluster/asker.ts";
import { Changer } from "../../../lib/cluster/changer.ts";
import type { GatewayLinks } from "../../../lib/cluster/gateway_links.ts";
import { Sender } from "../../../lib/cluster/sender.ts";
import { Link } from "../../../lib/link/link.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import { FrameDecoder, HEADER_LENGTH } from "../../../lib/wire/frame.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";

const CLIENT = "7f0000010b5400000001";

/** One gateway, which is not known before it is told of. */
class LateGateway implements Disposable {
  readonly #known = Promise.withResolvers<void>();
  readonly #conn: MemoryConn;
  readonly #link: Link;
  readonly #links: { isKnown: boolean };
  readonly asker: Asker;

  constructor() {
    [this.#conn] = MemoryConn.pair();
    const peer = { role: "gateway", name: "", instance: "", address: "" };
    this.#link = new Link(
      this.#conn,
      { ...peer, role: "gateway", version: LINK_VERSIONS.highest },
      { onFrame: () => {}, onClosed: () => {} },
      { keepFrames: true, gatherWithin: 0 },
    );
    const gateway = { link: this.#link, gatewayId: CLIENT.slice(0, 12) };
    const links = {
      isClosed: false,
      isKnown: false,
      get: () => links.isKnown ? gateway : undefined,
      all: () => links.isKnown ? [gateway] : [],
      known: () => this.#known.promise,
      missing: () => [],
    };
    this.#links = links;
    this.asker = new Asker(links as unknown as GatewayLinks, 1_000);
  }

  /** The gateway is linked; returns the ends of what it is sent. */
  async come(length: number): Promise<string[]> {
    this.#links.isKnown = true;
    this.#known.resolve();
    do await new Promise((resolve) => setTimeout(resolve, 0)); while (
      !this.#link.isFlushed || this.#conn.written.length < HEADER_LENGTH
    );
    const bytes = new Uint8Array(this.#conn.written);
    const sent: string[] = [];
    new FrameDecoder({
      onFrame: (_, buffer, _start, end) => {
        const payload = buffer.subarray(end - length, end);
        sent.push(new TextDecoder().decode(payload));
      },
    }).push(bytes, new DataView(bytes.buffer), 0, bytes.length);
    return sent;
  }

  [Symbol.dispose](): void {
    this.#link.destroy();
  }
}

/** Calls with a message that may have to wait for a gateway. */
const CALLS: Record<string, (asker: Asker, bytes: Uint8Array) => unknown> = {
  "sendToClient()": (asker, bytes) =>
    new Sender(asker).toOne(CLIENT, bytes, { confirm: true }),
  "closeClient()": (asker, bytes) =>
    new Changer(asker).close(CLIENT, bytes, {}),
  "closeUid()": (asker, bytes) => new Changer(asker).closeUid("ann", bytes, {}),
};

for (const [name, call] of Object.entries(CALLS)) {
  Deno.test(`${name} sends the bytes that it was given, however long it waits for the gateway`, async () => {
    using gateway = new LateGateway();
    const bytes = new TextEncoder().encode("before");

    const done = call(gateway.asker, bytes) as Promise<unknown>;
    done.catch(() => {});
    bytes.set(new TextEncoder().encode("after!"));

    assertEquals(await gateway.come(bytes.length), ["before"]);
  });
}
