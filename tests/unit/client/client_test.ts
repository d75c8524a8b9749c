import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { CallError } from "../../../lib/client/call_error.ts";
import { type Socket, TestClient } from "./_test_client.ts";
import { VirtualStore } from "./_virtual_world.ts";

Deno.test("Client shows its credential, and says how much it has, in each hello", async () => {
  let asked = 0;
  const one = new TestClient({ token: () => Promise.resolve(++asked) });
  await one.welcome();
  assertEquals(one.socket.hello, { t: "", r: 0, a: 1 });
  await one.say("mone", "mtwo");

  await one.end(1006);
  await one.time.pass(500);

  assertEquals(one.socket.hello, { t: "T1", r: 2, a: 2 });
  assertEquals(one.heard("message"), ["one", "two"]);
});

Deno.test("Client waits by full jitter, from half a second, doubling to 20 s", async () => {
  const one = new TestClient();
  one.random = 1;
  one.isUp = false;
  await one.settle();
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const { made } = one.network;
    const before = one.time.now;
    while (one.network.made === made) await one.time.pass(50);
    waits.push(Math.round((one.time.now - before) / 100) / 10);
  }

  assertEquals(waits, [0.5, 1, 2, 4, 8, 16, 20, 20]);
});

Deno.test("Client spreads its first return over as long as the gateway said", async () => {
  const one = new TestClient();
  await one.welcome({ spread: 30_000 });
  await one.end(1006);

  await one.time.pass(14_900);
  assertEquals(one.sockets.length, 1);
  await one.time.pass(200);
  assertEquals(one.sockets.length, 2);
});

Deno.test("Client comes back at once when it wakes, but not before the time that it was told", async () => {
  const one = new TestClient();
  one.random = 1;
  await one.welcome();
  await one.end(1006);
  one.page.hooks?.wake();
  await one.settle();
  assertEquals(one.sockets.length, 2);

  await one.say('x{"after":5000}');
  await one.end(4012);
  one.page.hooks?.wake();
  await one.time.pass(4_900);
  assertEquals(one.sockets.length, 2);
  await one.time.pass(200);
  assertEquals(one.sockets.length, 3);
});

Deno.test("Client that wakes probes its socket, and takes another one if there is no answer in 2 s", async () => {
  const one = new TestClient();
  await one.welcome();
  one.client.send("hi");
  one.page.hooks?.wake();
  await one.settle();
  assertEquals(one.frames, ["mhi", "p1"]);
  await one.say("p0");
  await one.time.pass(3_000);
  assertEquals([one.client.state, one.sockets.length], ["open", 1]);

  one.page.hooks?.wake();
  await one.time.pass(2_100);
  assertEquals([one.client.state, one.sockets.length], ["away", 2]);
});

Deno.test("Client notices a silent socket without being woken, within 1.5 pings and 2 s", async () => {
  const one = new TestClient();
  await one.welcome({ ping: 10_000 });

  await one.time.pass(17_100);

  assertEquals(one.client.state, "away");
});

Deno.test("Client answers pings with what it has, and leaves when the counts disagree", async () => {
  const one = new TestClient();
  await one.welcome();
  await one.say("ma", "mb", "p2");
  assertEquals(one.frames, ["a2"]);

  await one.say("p5");

  assertEquals(one.client.state, "away");
  assertEquals(one.socket.closed, 4000);
});

Deno.test("Client acknowledges after 32 frames, or a second", async () => {
  const one = new TestClient();
  await one.welcome();
  await one.say(...Array.from({ length: 33 }, () => "m"));
  assertEquals(one.frames, ["a32"]);
  await one.time.pass(1_000);
  assertEquals(one.frames, ["a32", "a33"]);
});

Deno.test("Client connects before it lets go when it is told to move, and from its hello on takes nothing more of the old socket", async () => {
  const one = new TestClient();
  await one.welcome();
  const old = one.socket;
  await one.say('x{"after":100}');
  await one.time.pass(50);
  old.socket.tell("mlate");
  await one.time.pass(100);

  assertEquals(one.sockets.length, 2);
  assertEquals(one.socket.hello, { t: "T1", r: 1 });
  old.socket.tell("mnever");
  one.client.send("held");
  await one.settle();
  assertEquals([one.client.state, old.frames.at(-1)], ["open", "mheld"]);

  await one.welcome({ resumed: true, t: "T2" });
  assertEquals(one.frames, ["mheld"]);
  assertEquals(old.closed, 4000);
  assertEquals(one.heard("message"), ["late"]);
});

/** A client that was told to move, and has said hello on a second socket. */
async function moving(): Promise<[client: TestClient, old: Socket]> {
  const one = new TestClient();
  await one.welcome();
  const old = one.socket;
  await one.say('x{"after":0}');
  assertEquals(one.sockets.length, 2);
  assertEquals(one.socket.hello, { t: "T1", r: 0 });
  return [one, old];
}

Deno.test("Client goes on where it is when it is told to come later where it moves to, and misses nothing", async () => {
  const [one, old] = await moving();
  old.socket.tell("mmeanwhile");
  one.client.send("mine");
  await one.settle();
  assertEquals(one.heard("message"), []);

  await one.say('x{"after":3000}');
  await one.end(4012);
  assertEquals(one.heard("message"), ["meanwhile"]);
  old.socket.tell("mmore");
  one.client.send("too");
  await one.settle();

  assertEquals(one.heard("message"), ["meanwhile", "more"]);
  assertEquals(old.frames.slice(1, 3), ["mmine", "mtoo"]);
  assertEquals([one.client.state, old.closed], ["open", undefined]);
  assertEquals(one.heard("state"), ["open"]);
  await one.time.pass(2_950);
  assertEquals(one.sockets.length, 2);
  await one.time.pass(50);
  assertEquals(one.socket.hello, { t: "T1", r: 2 });
  await one.welcome({ resumed: true, t: "T2", in: 2 });
  assertEquals([one.client.state, old.closed], ["open", 4000]);
});

Deno.test("Client goes on where it is while there is nobody where it moves to", async () => {
  const one = new TestClient();
  await one.welcome();
  const old = one.socket;
  one.isUp = false;
  await one.say('x{"after":0}', "ma");
  await one.time.pass(5_000);
  old.socket.tell("mb");
  await one.settle();
  assertEquals([one.client.state, old.closed], ["open", undefined]);
  assertEquals(one.heard("message"), ["a", "b"]);

  one.isUp = true;
  await one.time.pass(5_000);
  await one.welcome({ resumed: true, t: "T2" });

  assertEquals(one.sockets.length, 2);
  assertEquals(old.closed, 4000);
});

Deno.test("Client that moves is not closed by the 4009 that its own move brings about", async () => {
  const [one, old] = await moving();
  old.socket.end(4009);
  await one.settle();
  await one.welcome({ resumed: true, t: "T2" });

  assertEquals(one.heard("state"), ["open", "open"]);
  assertEquals(one.heard("closed"), []);
});

Deno.test("Client whose two sockets end as it moves comes back with what it had at its hello", async () => {
  const [one, old] = await moving();
  old.socket.tell("mlost");
  await one.settle();
  old.socket.end(1006);
  await one.end(1006);
  assertEquals(one.client.state, "away");
  assertEquals(one.heard("message"), []);
  await one.time.pass(1_000);

  assertEquals(one.socket.hello, { t: "T1", r: 0 });
});

Deno.test("Client comes back from a 4009 that an attempt of its own brought about, of which no welcome came", async () => {
  const [one, old] = await moving();
  await one.end(1006);
  old.socket.end(4009);
  await one.settle();
  assertEquals([one.client.state, one.heard("closed")], ["away", []]);
  await one.time.pass(1_000);
  assertEquals(one.socket.hello, { t: "T1", r: 0 });
  await one.welcome({ resumed: true, t: "T2" });

  // The hello of that attempt may have been under way all the time.
  await one.end(4009);
  assertEquals(one.client.state, "away");
  await one.time.pass(2_000);
  await one.welcome({ resumed: true, t: "T3" });
  await one.time.pass(2_000);
  await one.end(4009);
  assertEquals(one.client.state, "closed");
});

Deno.test("Client takes the last of a session that ends as it moves, before the next one begins", async () => {
  const [one, old] = await moving();
  old.socket.tell("mlast");
  await one.settle();
  await one.welcome({ resumed: false, t: "T2", reason: "elsewhere" });

  const names = one.told.map(([name]) => name);
  assertEquals(names, ["state", "message", "state", "fresh"]);
  assertEquals(old.frames.at(-1), "b");
  assertEquals(old.closed, 4000);
});

Deno.test("Client that is closed as it moves says goodbye on both sockets", async () => {
  const [one, old] = await moving();
  one.client.close();
  await one.settle();

  assertEquals([old.frames.at(-1), one.frames.at(-1)], ["b", "b"]);
  assertEquals([old.closed, one.socket.closed], [1000, 4000]);
});

Deno.test("Client goes elsewhere only at its own origin, or one that it was given", async () => {
  const origins = ["wss://two.example", "ws://one.example"];
  for (
    const [url, to] of [
      ["wss://two.example/x", "wss://two.example/x"],
      ["wss://one.example:444/", "wss://one.example/path"],
      ["ws://one.example/", "wss://one.example/path"],
      ["/other", "wss://one.example/other"],
    ] as const
  ) {
    const one = new TestClient({ origins });
    await one.welcome();
    await one.say(`x${JSON.stringify({ after: 0, url })}`);
    await one.settle();
    assertEquals(one.socket.socket.url, to, url);
  }
});

Deno.test("Client does not come back after codes that are final, and says why", async () => {
  for (const code of [1002, 1007, 4001, 4009, 4010]) {
    const one = new TestClient({ token: () => "x" });
    await one.welcome();
    const sent = one.client.send("lost");
    await one.end(code);
    await one.time.pass(60_000);

    assertEquals(one.sockets.length, 1);
    assertEquals(one.heard("closed"), [{
      code,
      reason: "",
      data: null,
      returned: [{ data: "lost" }],
    }]);
    await assertRejects(() => sent, CallError, "closed");
    assertThrows(() => one.client.send("more"), CallError, "closed");
    assertEquals(one.time.timers, 0);
  }
});

Deno.test("Client that is refused is told what authorize said", async () => {
  const one = new TestClient();
  await one.settle();
  await one.say('e0 refused\n{"status":401,"message":"Who are you?"}');
  await one.end(4010);

  assertEquals(one.heard("closed"), [{
    code: 4010,
    reason: "refused",
    data: { status: 401, message: "Who are you?" },
    returned: [],
  }]);
});

Deno.test("Client comes back from 4011 with a fresh credential, if it can have one", async () => {
  let asked = 0;
  const fresh = new TestClient({ token: () => ++asked });
  await fresh.welcome();
  await fresh.end(4011);
  await fresh.time.pass(600);
  assertEquals(fresh.socket.hello.a, 2);

  const stale = new TestClient({ token: "stale" });
  await stale.welcome();
  await stale.end(4011);
  assertEquals(stale.client.state, "closed");
});

Deno.test("Client shows another credential in the connection when it is asked to", async () => {
  let asked = 0;
  const one = new TestClient({ token: () => ({ n: ++asked }) });
  await one.welcome();

  await one.say('t{"in":30000}');

  assertEquals(one.frames, ['t{"n":2}']);
});

Deno.test("Client that has no other credential says so, in JSON", async () => {
  const one = new TestClient({ token: () => undefined });
  await one.welcome();

  await one.say('t{"in":30000}');

  assertEquals(one.frames, ["tnull"]);
});

Deno.test("Client whose token function fails tells of it, and tries again", async () => {
  let asked = 0;
  const one = new TestClient({
    token: () => {
      if (++asked === 1) throw new RangeError("no network");
      return "good";
    },
  });
  await one.time.pass(600);

  assertEquals(`${one.heard("error")}`, "RangeError: no network");
  assertEquals(one.socket.hello.a, "good");
});

Deno.test("Client gives an attempt up that hangs, and closes it before the next", async () => {
  const one = new TestClient({ connectTimeout: 10_000 });
  await one.settle();
  await one.time.pass(11_000);

  assertEquals(one.sockets.length, 2);
  assertEquals(one.sockets[0]?.closed, 4000);
});

Deno.test("Client.send() resolves once a worker has handled the message, and throws beyond its bound", async () => {
  const one = new TestClient({ maxBuffer: 10 });
  await one.welcome();
  let isHandled = false;
  one.client.send("1234").then(() => isHandled = true);
  one.client.send("5678");
  assertThrows(() => one.client.send("9"), RangeError, "at most 10");
  await one.settle();
  assertEquals(isHandled, false);

  await one.say("a1");

  assert(isHandled);
  assertEquals(one.client.bufferedAmount, 5);
  one.client.send("9");
});

Deno.test("Client hands back what may be lost when its session is, in order, and never what was handled", async () => {
  const one = new TestClient();
  await one.welcome();
  const sent = ["a", "b"].map((text) => one.client.send(text));
  one.client.notify("moved", { x: 1 });
  const asked = one.client.request("what");
  await one.settle();
  await one.say("a1");
  await one.end(1006);
  one.client.send("c");
  await one.time.pass(600);
  await one.welcome({ reason: "lost", t: "T2", id: "s2" });

  assertEquals(one.heard("fresh"), [{
    reason: "lost",
    returned: [
      { data: "b" },
      { data: { x: 1 }, name: "moved" },
      { data: "c" },
    ],
  }]);
  await sent[0];
  await assertRejects(() => sent[1] as Promise<void>, CallError, "lost");
  await assertRejects(() => asked, CallError, "lost");
  assertEquals(one.frames, []);
  assertEquals(one.client.id, "s2");
});

Deno.test("Client sends again in a new session if told to, behind what its listener sends first", async () => {
  const one = new TestClient({ resend: true });
  await one.welcome();
  const sent = one.client.send("again");
  one.client.on("fresh", () => one.client.send("first"));
  await one.end(1006);
  await one.time.pass(600);
  await one.welcome({ reason: "lost" });
  assertEquals(one.frames, ["mfirst", "magain"]);

  await one.say("a2");
  await sent;
});

Deno.test("Client fails requests whose answer may be in a gap, and no others", async () => {
  const one = new TestClient();
  await one.welcome();
  const first = one.client.request("first");
  await one.settle();
  await one.end(1006);
  const second = one.client.request("second");
  await one.time.pass(600);
  await one.welcome({ resumed: true, in: 1, gap: 3 });

  await assertRejects(() => first, CallError, "gap");
  assertEquals(one.heard("back"), [{ missed: 3, resent: 1 }]);
  assertEquals(one.frames, ["q2 second\nnull"]);
  await one.say("r2\n7", "g4");
  assertEquals(await second, 7);
  assertEquals(one.heard("gap"), [{ missed: 4 }]);
  await one.time.pass(1_000);
  assertEquals(one.frames.at(-1), "a8");
});

Deno.test("Client says goodbye when its page is closed, and none when it may be shown again", async () => {
  const closed = new TestClient();
  await closed.welcome();
  closed.page.hooks?.leave(false);
  await closed.settle();
  assertEquals([closed.frames, closed.socket.closed], [["b"], 1000]);

  const kept = new TestClient();
  await kept.welcome();
  kept.page.hooks?.leave(true);
  await kept.time.pass(60_000);
  assertEquals([kept.frames, kept.socket.closed], [[], 4000]);
  assertEquals([kept.client.state, kept.time.timers], ["away", 0]);
  kept.page.hooks?.restore();
  await kept.settle();
  assertEquals(kept.socket.hello, { t: "T1", r: 0 });
});

Deno.test("Client of a page that is loaded again goes on with its session, and a duplicated tab does not", async () => {
  const store = new VirtualStore();
  const before = new TestClient({ store });
  await before.welcome();
  await before.say("m1", "m2");
  assertEquals(store.items.size, 0);
  before.client.send("on its way");
  before.client.send(new Uint8Array([7]));
  before.page.hooks?.leave(false);

  const after = new TestClient({ store });
  assertEquals(store.items.size, 0);
  await after.settle();
  assertEquals(after.socket.hello, { t: "T1", r: 2 });
  await after.welcome({ resumed: true });
  assertEquals(after.frames, ["mon its way", new Uint8Array([1, 7])]);

  const twin = new TestClient({ store });
  await twin.settle();
  assertEquals(twin.socket.hello, { t: "", r: 0 });
});

Deno.test("Client of a page that comes out of the cache begins anew if another has its session", async () => {
  const store = new VirtualStore();
  const first = new TestClient({ store });
  await first.welcome();
  first.page.hooks?.leave(true);
  const second = new TestClient({ store });
  await second.welcome({ resumed: true, t: "T2" });

  first.page.hooks?.restore();
  await first.settle();

  assertEquals(first.socket.hello, { t: "", r: 0 });
  await first.welcome({ id: "s2" });
  assertEquals(first.heard("fresh"), [{ reason: "conflict", returned: [] }]);
});

Deno.test("Client gives a session up whose counts cannot be its own", async () => {
  const one = new TestClient();
  await one.welcome();
  await one.end(1006);
  await one.time.pass(600);
  await one.welcome({ resumed: true, in: 5 });
  await one.time.pass(2_000);

  assertEquals(one.sockets.length, 3);
  assertEquals(one.socket.hello, { t: "", r: 0 });
});

Deno.test("Client waits a second after 1001, as Firefox says it of a page that stays", async () => {
  const one = new TestClient();
  one.random = 0;
  await one.welcome();
  await one.end(1001);
  await one.time.pass(900);
  assertEquals(one.sockets.length, 1);
  await one.time.pass(200);
  assertEquals(one.sockets.length, 2);
});

Deno.test("Client survives what breaks the rules: it tells, and comes back", async () => {
  for (const frame of ["q1 x\n{", "a7", "x{", "gNaN", "r"]) {
    const one = new TestClient();
    await one.welcome();
    await one.say(frame);
    await one.time.pass(600);
    if (frame === "r") assertEquals(one.client.state, "open");
    else assertEquals([frame, one.sockets.length], [frame, 2]);
  }
});

Deno.test("Client goes on when a listener throws", async () => {
  const one = new TestClient();
  const caught: string[] = [];
  const onError = (event: ErrorEvent) => {
    event.preventDefault();
    caught.push(event.message);
  };
  globalThis.addEventListener("error", onError);
  one.client.on("message", () => {
    throw new RangeError("mine");
  });
  await one.welcome();
  await one.say("m1", "m2");
  globalThis.removeEventListener("error", onError);

  assertEquals(one.heard("message"), ["1", "2"]);
  assertEquals(caught.length, 2);
});

Deno.test("Client says nothing for which a gateway would end its session", async () => {
  const one = new TestClient();
  const caught: string[] = [];
  const onRejection = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    caught.push(event.reason.code);
  };
  globalThis.addEventListener("unhandledrejection", onRejection);
  one.client.handle("ask", () => {
    throw new CallError("Not found");
  });
  await one.welcome();

  for (const name of ["", "a b", "a\x85", "x".repeat(129)]) {
    assertThrows(() => one.client.notify(name), TypeError);
  }
  await one.say("q.1 ask\n1");
  await one.time.pass(1);
  await new Promise((resolve) => setTimeout(resolve));
  globalThis.removeEventListener("unhandledrejection", onRejection);

  assertEquals(one.frames, ["e.1 failed\nnull"]);
  assertEquals(caught, ["Not found"]);
});

Deno.test("Client takes typed events however many asks it has not answered, and says so of one more ask", async () => {
  const one = new TestClient();
  const events: unknown[] = [];
  one.client.handle("wait", () => new Promise(() => {}));
  one.client.handle("moved", (data) => events.push(data));
  await one.welcome();
  await one.say(...Array.from({ length: 256 }, (_, i) => `q.${i} wait\n0`));

  await one.say("q0 moved\n7", "q.256 wait\n0");

  assertEquals(events, [7]);
  const answers = one.frames.filter((frame) => !`${frame}`.startsWith("a"));
  assertEquals(answers, ["e.256 too-many\nnull"]);
});

Deno.test("Client may ask as soon as it is open, also in a session that has just begun", async () => {
  const one = new TestClient();
  await one.welcome();
  const answers: Promise<unknown>[] = [];
  one.client.on("state", (state) => {
    if (state === "open") answers.push(one.client.request("login"));
  });
  await one.end(1006);
  await one.time.pass(600);
  await one.welcome({ reason: "lost" });
  assertEquals(one.frames, ["q1 login\nnull"]);

  await one.say('r1\n"in"');

  assertEquals(await answers[0], "in");
});

Deno.test("Client says nothing to a server that does not speak its protocol, and stays away", async () => {
  const one = new TestClient();
  one.protocol = "";
  await one.settle();

  assertEquals(one.client.state, "closed");
  assertEquals(one.socket.frames, []);
  const [closed] = one.heard("closed") as { reason: string }[];
  assertStringIncludes(closed?.reason ?? "", "--resume");
});
