import { assertEquals } from "@std/assert";
import { Answerers } from "../../../../lib/gateway/presence/answerers.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";

const ALL = { groups: ["*"], uids: [] };
const NAMES = Array.from({ length: 20 }, (_, i) => `groom-${i}`);

function workerLink(instance: string): WorkerLink {
  return { link: { peer: { instance }, isOpen: true } } as WorkerLink;
}

const [a, b] = [workerLink("a"), workerLink("b")] as const;

Deno.test("a new worker's names wait until all others have let go, whether they are known here or not", () => {
  const answerers = new Answerers();
  answerers.choose(new Map([[a, ALL]]));
  assertEquals(answerers.isReleased, true);
  answerers.settle();

  answerers.choose(new Map([[a, ALL], [b, ALL]]));

  assertEquals(answerers.isReleased, false);
  answerers.release(a, 1);
  assertEquals(answerers.isReleased, false);
  answerers.release(a, 2);
  assertEquals(answerers.isReleased, true);
});

Deno.test("when a worker goes, nobody is waited for but itself", () => {
  const answerers = new Answerers();
  answerers.choose(new Map([[a, ALL], [b, ALL]]));
  answerers.settle();

  answerers.choose(new Map([[a, ALL]]));

  assertEquals(answerers.isReleased, false);
  answerers.release(b, 2);
  assertEquals(answerers.isReleased, true);
});

Deno.test("a name that stays with its worker does not move, and one that goes and comes back does", () => {
  const answerers = new Answerers();
  answerers.choose(new Map([[a, ALL]]));
  answerers.settle();

  answerers.choose(new Map([[a, ALL], [b, ALL]]));

  const moving = NAMES.filter((name) => answerers.moves(name));
  assertEquals(moving, NAMES.filter((name) => answerers.of(name) === b));
  assertEquals(moving.length > 0 && moving.length < NAMES.length, true);
  answerers.choose(new Map([[a, ALL]]));
  assertEquals(NAMES.filter((name) => answerers.moves(name)), moving);
  answerers.settle();
  assertEquals(NAMES.filter((name) => answerers.moves(name)), []);
});
