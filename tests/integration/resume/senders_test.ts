/**
 * Clients that come back at another gateway while not everybody who sends to them is
 * linked to it, or says anything.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { defineHandler, GatewayClient, Register } from "@gatewayworker/core";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import { LinePeer } from "../../_support/line_peer.ts";
import { LinkProxy } from "../../_support/link_proxy.ts";

const HANDLER = defineHandler({
  message: async (event) => {
    await event.client.bindUid("ann");
    return "bound";
  },
});

/** Two gateways, and a program that is linked to the first through a cable of its own. */
async function start() {
  const cluster = await startCluster({
    handler: HANDLER,
    gateways: 2,
    gateway: { resume: {} },
  });
  const stack = new AsyncDisposableStack();
  stack.use(cluster);
  const register = stack.use(await Register.start({ listen: "127.0.0.1:0" }));
  const cables: LinkProxy[] = [];
  const list = async (at: number) => {
    const proxy = stack.use(
      new LinkProxy(cluster.gateways[at]?.lanAddress ?? ""),
    );
    const peer = stack.use(await LinePeer.dial(register.addr));
    await peer.announceOurs(proxy.address, "");
    cables[at] = proxy;
  };
  await list(0);
  const program = stack.use(
    await GatewayClient.connect({ register: [register.status().address] }),
  );
  const [home, other] = cluster.gateways;
  if (home === undefined || other === undefined) throw new RangeError("Two");
  const [client, { t }] = await LastingClient.connect(home.addr);
  stack.use(client);
  await client.say("mbind");
  await client.expect("mbound");
  let sent = 0;
  const timer = setInterval(
    () => void program.sendToUid("ann", `${++sent}`),
    2,
  );
  stack.defer(() => clearInterval(timer));
  return {
    home,
    other,
    t,
    program,
    cables,
    list,
    /** Sends no more, and hears what a client was sent, without what it had before. */
    rest: async (next: LastingClient) => {
      clearInterval(timer);
      await program.sendToUid("ann", "last", { confirm: true });
      const heard: number[] = [];
      while (true) {
        const frame = await next.hearBut("a", "p");
        if (frame === "mlast") return { heard, sent };
        heard.push(Number(frame.slice(1)));
      }
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1);
}

Deno.test("a session goes to another gateway only when all who send to it do so there", async () => {
  await using scene = await start();
  await eventually("something was sent", () => scene.home.clients === 1);
  const before = performance.now();
  const coming = LastingClient.connect(scene.other.addr, { t: scene.t, r: 1 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await scene.list(1);

  const [second, back] = await coming;
  using _ = second;

  assertEquals([back.resumed, back.gap], [true, 0]);
  const waited = performance.now() - before;
  if (waited < 300) throw new Error(`It was there after ${waited} ms`);
  const { heard, sent } = await scene.rest(second);
  assertEquals(heard, upTo(sent));
});

Deno.test("who comes back where not everybody sends to is told to come later", async () => {
  await using scene = await start();

  using second = await LastingClient.dial(scene.other.addr);
  await second.hello({ t: scene.t, r: 1 });
  assertMatch(await second.hear(), /^x\{"after":\d+\}$/);
  assertEquals(await second.hear(), "[4012 later]");
  const [third, back] = await LastingClient.connect(scene.home.addr, {
    t: scene.t,
    r: 1,
  });
  using _ = third;

  assertEquals([back.resumed, back.gap], [true, 0]);
  const { heard, sent } = await scene.rest(third);
  assertEquals(heard, upTo(sent));
});

Deno.test("a session stays where it is while somebody who sends to it is silent", async () => {
  await using scene = await start();
  await scene.list(1);
  await eventually(
    "the program dials the other one",
    () => scene.cables[1]?.passed === 1,
  );
  scene.cables[0]?.freeze();

  using second = await LastingClient.dial(scene.other.addr);
  await second.hello({ t: scene.t, r: 1 });
  assertMatch(await second.hear(), /^x\{"after":\d+\}$/);
  assertEquals(await second.hear(), "[4012 later]");
  scene.cables[0]?.thaw();
  const [third, back] = await LastingClient.connect(scene.other.addr, {
    t: scene.t,
    r: 1,
  });
  using _ = third;

  assertEquals([back.resumed, back.gap], [true, 0]);
  const { heard, sent } = await scene.rest(third);
  assertEquals(heard, upTo(sent));
});
