import { assertEquals } from "@std/assert";
import { Interest } from "../../../lib/link/interest.ts";
import { TestPeer } from "../gateway/_test_peer.ts";

/** Says whether a promise is settled by now. */
async function isDone(promise: Promise<unknown> | undefined): Promise<boolean> {
  const open = Symbol();
  await new Promise((resolve) => setTimeout(resolve, 0));
  return await Promise.race([promise, Promise.resolve(open)]) !== open;
}

Deno.test("Interest.present() waits for nobody if nobody was told", () => {
  assertEquals(new Interest().present("g"), undefined);
});

Deno.test("Interest.absent() tells a peer once until somebody is there", () => {
  using peer = new TestPeer();
  const interest = new Interest();

  interest.absent("g", peer);
  interest.absent("g", peer);

  assertEquals(peer.told, ["absent g"]);
});

Deno.test("Interest.present() resolves when every peer that was told has confirmed", async () => {
  using first = new TestPeer();
  using second = new TestPeer();
  const interest = new Interest();
  interest.absent("g", first);
  interest.absent("g", second);

  const heard = interest.present("g");

  assertEquals(second.told, ["absent g", "present g"]);
  first.confirm();
  assertEquals(await isDone(heard), false);
  second.confirm();
  assertEquals(await isDone(heard), true);
  assertEquals(interest.present("g"), undefined);
});

Deno.test("Interest.present() waits for the first announcement if one is under way", async () => {
  using peer = new TestPeer();
  const interest = new Interest();
  interest.absent("g", peer);
  void interest.present("g");

  const second = interest.present("g");

  assertEquals(await isDone(second), false);
  peer.confirm();
  assertEquals(await isDone(second), true);
});

Deno.test("Interest.present() does not wait for a peer that is gone", async () => {
  using peer = new TestPeer();
  const interest = new Interest();
  interest.absent("g", peer);
  const heard = interest.present("g");

  peer.link.pending.close();

  assertEquals(await isDone(heard), true);
});

Deno.test("Interest.forget() takes back what a peer was told", () => {
  using peer = new TestPeer();
  const interest = new Interest();
  interest.absent("g", peer);

  interest.forget(peer);

  assertEquals(interest.present("g"), undefined);
  assertEquals(peer.told, ["absent g"]);
});

Deno.test("Interest.absent() says nothing while a client of the name is expected", async () => {
  using peer = new TestPeer();
  const interest = new Interest();
  await interest.expect(["g", "g"]);

  interest.absent("g", peer);
  interest.arrived(["g"]);
  interest.absent("g", peer);
  assertEquals(peer.told, []);
  interest.arrived(["g"]);
  interest.absent("g", peer);

  assertEquals(peer.told, ["absent g"]);
});

Deno.test("Interest.expect() says whether everybody has heard, and tells who was silent again", async () => {
  using peer = new TestPeer();
  const interest = new Interest();
  interest.absent("g", peer);

  const first = interest.expect(["g"]);
  peer.timeOut();
  assertEquals(await first, false);
  const second = interest.expect(["g"]);
  peer.confirm();

  assertEquals(await second, true);
  assertEquals(peer.told, ["absent g", "present g", "present g"]);
  assertEquals(await interest.expect(["g"]), true);
});
