/**
 * Clients of `gatewayworker.v1` that go and come back, said by hand over real sockets.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
} from "@std/assert";
import {
  defineHandler,
  type GatewayOptions,
  type Handler,
  type HandlerCallbacks,
} from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";

/** Echoes, and does to the client what a message says. */
const ECHO: HandlerCallbacks = {
  message: (event, cluster) => {
    if (event.binary) return event.bytes();
    const text = event.text();
    const [word, rest = ""] = text.split(" ");
    if (word === "uid") return void event.client.bindUid(rest);
    if (word === "kick") {
      return void cluster.closeUid(rest, undefined, { code: 4100 });
    }
    if (word === "tell") return void cluster.sendToUid(rest, "told");
    return text;
  },
};

async function start(
  gateway: GatewayOptions = {},
  handler: Handler = defineHandler(ECHO),
): Promise<TestCluster> {
  return await startCluster({ handler, gateway: { resume: {}, ...gateway } });
}

/** Waits until so many clients are away. */
async function away(cluster: TestCluster, count: number): Promise<void> {
  await eventually(
    `${count} are away`,
    () => cluster.gateway.report().resume?.away === count,
  );
}

Deno.test("a gateway welcomes a client of gatewayworker.v1, and tells its messages by a letter", async () => {
  await using cluster = await start();
  const [client, welcome] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("mhello");

  assertMatch(client.answer, /^Sec-WebSocket-Protocol: gatewayworker\.v1\r$/m);
  const { resumed, reason, gap, in: received, ping, window } = welcome;
  assertEquals(
    { resumed, reason, gap, received, ping, window },
    {
      resumed: false,
      reason: "new",
      gap: 0,
      received: 0,
      ping: 10_000,
      window: 60_000,
    },
  );
  await client.expect("mhello");
  await client.sayBinary(1, "bytes");
  await client.expect("1:bytes");
});

Deno.test("a client that comes back gets what it missed, in order and once", async () => {
  await using cluster = await start();
  const { addr } = cluster.gateway;
  const [first, welcome] = await LastingClient.connect(addr);
  await first.say("m1", "m2", "m3");
  await first.expect("m1", "m2", "m3");
  first[Symbol.dispose]();
  await away(cluster, 1);

  // It says that it has one of the three, and lost the others on the way.
  const [second, back] = await LastingClient.connect(addr, {
    t: welcome.t,
    r: 1,
  });
  using _ = second;

  assertEquals([back.resumed, back.in, back.gap], [true, 3, 0]);
  assertEquals(back.id, welcome.id);
  assertNotEquals(back.t, welcome.t);
  await second.expect("m2", "m3");
  await second.say("m4");
  await second.expect("m4");
  assertEquals(cluster.gateway.clients, 1);
});

Deno.test("what is sent to a client that is away waits for it", async () => {
  await using cluster = await start();
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  await first.say("muid ann", "mok");
  await first.expect("mok");
  first[Symbol.dispose]();
  await away(cluster, 1);
  const [other] = await LastingClient.connect(addr);
  await other.say("mtell ann", "mdone");
  await other.expect("mdone");

  const [second, { resumed }] = await LastingClient.connect(addr, { t, r: 1 });

  assert(resumed);
  await second.expect("mtold");
  other[Symbol.dispose]();
  second[Symbol.dispose]();
});

Deno.test("a client takes over from its own half-open socket, which is not read any more", async () => {
  await using cluster = await start();
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  using _first = first;
  await first.say("m1");
  await first.expect("m1");

  const [second, { resumed, in: received }] = await LastingClient.connect(
    addr,
    { t, r: 1 },
  );
  using _second = second;
  await first.say("mlate").catch(() => {});
  await second.say("m2");

  assertEquals([resumed, received], [true, 1]);
  await first.expect("[4009 replaced]");
  await second.expect("m2");
  assertEquals(cluster.gateway.clients, 1);
  // The late message was neither counted nor handled.
  await second.say("p2");
  assertEquals(await second.hearBut("a"), "p2");
});

Deno.test("a token is good until the next one is shown, however many welcomes get lost", async () => {
  await using cluster = await start();
  const { addr } = cluster.gateway;
  const [first, { t, id }] = await LastingClient.connect(addr);
  first[Symbol.dispose]();
  // Two welcomes that the client never sees.
  for (let lost = 0; lost < 2; lost++) {
    using client = await LastingClient.dial(addr);
    await client.hello({ t });
    await client.welcome();
  }
  const [third, welcome] = await LastingClient.connect(addr, { t });
  third[Symbol.dispose]();
  const [fourth, next] = await LastingClient.connect(addr, { t: welcome.t });
  fourth[Symbol.dispose]();

  // A stale page shows the first one.
  const [stale, refused] = await LastingClient.connect(addr, { t });
  stale[Symbol.dispose]();

  assertEquals([welcome.resumed, welcome.id], [true, id]);
  assertEquals([next.resumed, next.id], [true, id]);
  assertEquals([refused.resumed, refused.reason], [false, "expired"]);
  assertNotEquals(refused.id, id);
});

Deno.test("a hello that comes late, after the client has gone on elsewhere, takes the session from nobody", async () => {
  await using cluster = await start();
  const { addr } = cluster.gateway;
  const [first, { t, id }] = await LastingClient.connect(addr);
  using _first = first;
  const [second, again] = await LastingClient.connect(addr, { t });
  using _second = second;
  assertEquals([again.resumed, again.id], [true, id]);
  await second.say("mgoes on");
  assertEquals(await second.hear(), "mgoes on");

  const [late, welcome] = await LastingClient.connect(addr, { t });
  using _late = late;
  assertEquals([welcome.resumed, welcome.reason], [false, "expired"]);
  await second.say("mand on");
  assertEquals(await second.hear(), "mand on");
});

Deno.test("a client whose session is over, or was never here, is told why it has a new one", async () => {
  await using cluster = await start({ resume: { maxAway: 0 } });
  await using other = await start();
  const [first, { t }] = await LastingClient.connect(cluster.gateway.addr);
  const [alien, elsewhere] = await LastingClient.connect(other.gateway.addr);
  first[Symbol.dispose]();
  alien[Symbol.dispose]();
  await eventually("it has ended", () => cluster.gateway.clients === 0);

  const reasons: unknown[] = [];
  for (const token of [t, elsewhere.t, "nonsense"]) {
    const [client, { resumed, reason }] = await LastingClient.connect(
      cluster.gateway.addr,
      { t: token },
    );
    client[Symbol.dispose]();
    reasons.push([resumed, reason]);
  }

  assertEquals(reasons, [
    [false, "expired"],
    [false, "elsewhere"],
    [false, "elsewhere"],
  ]);
});

Deno.test("a session ends once if nobody comes back within its window", async () => {
  const closes: number[] = [];
  await using cluster = await start(
    { resume: { window: 1_000 } },
    defineHandler({ close: ({ code }) => void closes.push(code) }),
  );
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  client[Symbol.dispose]();
  await away(cluster, 1);
  assertEquals(cluster.gateway.clients, 1);

  await eventually("it is closed", () => closes.length > 0);

  assertEquals(closes, [1006]);
  const { resume, clients } = cluster.gateway.report();
  assertEquals([resume?.sessions, resume?.expired, clients], [0, 1, 0]);
  assertEquals(resume?.ringBytes, 0);
});

Deno.test("a client that says goodbye is gone at once", async () => {
  const closes: number[] = [];
  await using cluster = await start(
    {},
    defineHandler({ close: ({ code }) => void closes.push(code) }),
  );
  const [client, { t }] = await LastingClient.connect(cluster.gateway.addr);
  await client.say("b");
  await client.expect("[1000 ]");
  client[Symbol.dispose]();
  await eventually("it is closed", () => closes.length > 0);

  const [again, { reason }] = await LastingClient.connect(
    cluster.gateway.addr,
    { t },
  );
  again[Symbol.dispose]();

  assertEquals(closes, [1000]);
  assertEquals(reason, "expired");
});

Deno.test("a client that is kicked while it is away is closed once, and does not come back", async () => {
  const closes: number[] = [];
  await using cluster = await start(
    {},
    defineHandler({ ...ECHO, close: ({ code }) => void closes.push(code) }),
  );
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  await first.say("muid ann", "mok");
  await first.expect("mok");
  first[Symbol.dispose]();
  await away(cluster, 1);
  const [other] = await LastingClient.connect(addr);
  using _ = other;
  await other.say("mkick ann", "mdone");
  await other.expect("mdone");
  await eventually("it is closed", () => closes.length > 0);

  const [back, { resumed, reason }] = await LastingClient.connect(addr, { t });
  using _back = back;

  assertEquals([resumed, reason], [false, "expired"]);
  assertEquals(closes, [4100]);
});

Deno.test("a client is told how many messages its ring had no room for", async () => {
  await using cluster = await start({ resume: { bytes: 1_024 } });
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  const messages = Array.from({ length: 20 }, (_, i) => `m${i}`);
  await first.say(...messages);
  await first.expect(...messages);
  first[Symbol.dispose]();

  const [second, { resumed, gap }] = await LastingClient.connect(addr, {
    t,
    r: 3,
  });
  using _ = second;

  assert(resumed);
  // Each counts for some 130 bytes.
  assertEquals(gap, 10);
  await second.expect(...messages.slice(3 + gap));
  const { resume } = cluster.gateway.report();
  assertEquals([resume?.missed, resume?.gaps], [10, 1]);
});

Deno.test("a client is told what of its messages is handled by a worker", async () => {
  const release = Promise.withResolvers<void>();
  await using cluster = await start(
    {},
    defineHandler({ message: () => release.promise }),
  );
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("m1", "m2");
  // Nothing is said before the handlers have ended.
  await client.say("p2");
  assertEquals(await client.hear(), "p0");
  release.resolve();

  assertEquals(await client.hear(), "a2");
});

Deno.test("a client that breaks a rule is told which, and its session ends", async () => {
  await using cluster = await start();
  const { addr } = cluster.gateway;
  const wrong: Record<string, string> = {
    "m": "the first frame is a hello",
    "h[]": "the first frame is a hello",
    'h{"t":5}': "the first frame is a hello",
    'h{"r":-1}': "the first frame is a hello",
  };
  for (const [frame, reason] of Object.entries(wrong)) {
    using client = await LastingClient.dial(addr);
    await client.say(frame);
    await client.expect(`[1002 ${reason}]`);
  }
  const later: Record<string, string> = {
    "": "a frame begins with its letter",
    'h{"t":""}': "no such frame may come here",
    "z": "no such frame may come here",
    "g1": "no such frame may come here",
    "a1": "so many were never sent",
    "ax": "an acknowledgement is a number",
    "q no id": "the first line of a frame is wrong",
    "q.1 name\n": "the first line of a frame is wrong",
    "q1\n{}": "the first line of a frame is wrong",
    "k0": "the first line of a frame is wrong",
    "t{": "a credential is JSON of at most 65536 bytes",
  };
  for (const [frame, reason] of Object.entries(later)) {
    const [client] = await LastingClient.connect(addr);
    await client.say(frame);
    await client.expect(`[1002 ${reason}]`);
    client[Symbol.dispose]();
  }
  await eventually("all are gone", () => cluster.gateway.clients === 0);
});

Deno.test("a client that has sent what never came is told to come back for it", async () => {
  await using cluster = await start();
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("m1");
  await client.expect("m1");
  await client.say("p2");

  await client.expect("[4012 later]");
});

Deno.test("a full gateway tells a client in band when to come back", async () => {
  await using cluster = await start({ maxConnections: 1 });
  const { addr } = cluster.gateway;
  const [first] = await LastingClient.connect(addr);
  using _ = first;
  using second = await LastingClient.dial(addr);
  await second.hello();

  const { after } = JSON.parse((await second.hear()).slice(1));

  assert(after >= 5_000 && after <= 10_000, `${after}`);
  await second.expect("[4012 later]");
});

Deno.test("a session counts for its address while its client is away, and lets nobody in but it", async () => {
  await using cluster = await start({ maxPerAddress: 1 });
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  first[Symbol.dispose]();
  await away(cluster, 1);
  {
    using stranger = await LastingClient.dial(addr);
    await stranger.hello();
    assertMatch(await stranger.hear(), /^x/);
  }

  // The stranger's socket may still be counted.
  await eventually("it is back", async () => {
    const client = await LastingClient.dial(addr);
    await client.hello({ t });
    const frame = await client.hear();
    client[Symbol.dispose]();
    return frame.startsWith('w{"resumed":true');
  });
});

Deno.test("clients are told to come back when a gateway stops", async () => {
  const cluster = await start();
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;

  const ended = cluster[Symbol.asyncDispose]();

  assertMatch(await client.hearBut("a", "p"), /^x\{"after":\d+\}$/);
  await client.expect("[1001 going away]");
  client[Symbol.dispose]();
  await ended;
});

Deno.test("the events of a client that is away are handled by another worker if its own is lost", async () => {
  const seen: string[] = [];
  await using cluster = await start(
    {},
    defineHandler({
      message: (event) => {
        seen.push(event.text());
        event.client.send(event.text());
      },
    }),
  );
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  await first.say("m1");
  await first.expect("m1");
  first[Symbol.dispose]();
  await away(cluster, 1);
  const worker = cluster.worker;
  await cluster.addWorker();
  await worker.shutdown();
  const [second, { resumed, in: received }] = await LastingClient.connect(
    addr,
    { t, r: 1 },
  );
  using _ = second;
  await second.say("m2");

  assertEquals([resumed, received], [true, 1]);
  await second.expect("m2");
  assertEquals(seen, ["1", "2"]);
});

Deno.test("a client that says no hello in time is told to come later, and not that it broke a rule, upon which the library would stay away", async () => {
  await using cluster = await start({ handshakeTimeout: 100 });
  using silent = await LastingClient.dial(cluster.gateway.addr);

  assertEquals(await silent.hear(), "[4012 later]");
});
