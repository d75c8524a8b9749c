import { assertEquals, assertStringIncludes } from "@std/assert";
import { connect, type Socket } from "node:net";
import { formatAddress, parseAddress } from "../../../lib/base/address.ts";
import { breakConnections } from "../../_support/broken_connections.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { AUTHORITY, NODE } from "./_certificates.ts";

/** Connections that may be in the middle of their handshake. */
const MAX_HANDSHAKES = 256;

/** Connections of one address that say nothing. */
class Crowd implements Disposable {
  readonly #ended = new Set<Socket>();
  readonly #sockets: Socket[] = [];

  /** Connects to a port, one after another. */
  static async gather(
    target: string,
    localAddress: string,
    count: number,
  ): Promise<Crowd> {
    const crowd = new Crowd();
    const { hostname: host, port } = parseAddress(target);
    for (let each = 0; each < count; each++) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const socket = connect({ host, port, localAddress }, resolve);
      crowd.#sockets.push(socket);
      socket.on("error", reject);
      socket.on("close", () => crowd.#ended.add(socket));
      await promise;
    }
    return crowd;
  }

  /** How many were ended by the other side. */
  get ended(): number {
    return this.#ended.size;
  }

  /** Which ones, by when they came. */
  get endedFirst(): boolean {
    return this.#sockets.slice(0, this.ended).every((each) =>
      this.#ended.has(each)
    );
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

for (
  const [what, trust] of [
    ["", {}],
    [" with TLS", { ...NODE, lanCa: AUTHORITY }],
  ] as const
) {
  Deno.test(`strangers that say nothing do not keep a worker out${what}`, async () => {
    await using logs = await LogLines.collect();
    await using cluster = await startCluster({
      workers: 0,
      secretKey: "k",
      trust,
      handler: () => {},
    });
    const { lanAddress } = cluster.gateway;
    using few = await Crowd.gather(lanAddress, "127.0.0.1", 3);
    using many = await Crowd.gather(lanAddress, "127.0.0.2", MAX_HANDSHAKES);
    await eventually("some had to go", () => many.ended === 3);

    await cluster.addWorker();

    await eventually("one more had to go", () => many.ended === 4);
    assertEquals(many.endedFirst, true);
    assertEquals(few.ended, 0);
    assertEquals(cluster.gateway.refusedLinks, 4);
    assertStringIncludes(logs.lines.join(), "256 others were not over");
  });
}

Deno.test("connections that strangers break before they are taken keep nobody out", async () => {
  await using logs = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    handler: (event) => event.type === "message" ? event.text() : undefined,
  });
  const { gateway, register } = cluster;
  const clients = formatAddress(gateway.addr);
  const doors = [register.status().address, gateway.lanAddress, clients];
  for (const door of doors) breakConnections(door, 20);

  await cluster.addWorker();
  const client = await cluster.connect();
  client.send("let in");

  assertEquals(await client.hear(), "let in");
  // Each would be a pause, and the twentieth one of a second.
  const late = /^Self-check: /;
  assertEquals(logs.lines.filter((line) => !late.test(line)), []);
});
