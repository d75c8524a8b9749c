import {
  assertEquals,
  assertNotStrictEquals,
  assertStrictEquals,
} from "@std/assert";
import { Outflow } from "../../../lib/cluster/outflow.ts";
import { Link } from "../../../lib/link/link.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";

const LIMIT = 16 * 100_000;
const PART = new Uint8Array(50_000);

/** A link to a gateway that stands still until it is thawed, and what waits there. */
function frozenLink() {
  const [conn] = MemoryConn.pair();
  conn.freeze();
  const link = new Link(
    conn,
    {
      role: "gateway",
      name: "",
      instance: "",
      address: "127.0.0.1:1",
      version: LINK_VERSIONS.highest,
    },
    {
      onFrame: () => {},
      onClosed: () => outflow.close(),
      onWritten: () => outflow.onWritten(),
    },
    { keepFrames: true, gatherWithin: 0, maxWaiting: LIMIT },
  );
  const outflow = new Outflow(link);
  const send = () => link.send(99, 0, 0, PART);
  return { link, outflow, send, thaw: () => conn.thaw() };
}

Deno.test("Outflow is high when a 16th of the limit waits, its link full above all of it", () => {
  const { link, outflow, send } = frozenLink();

  for (let each = 0; each < 2; each++) {
    assertEquals(outflow.isHigh, false);
    send();
  }
  assertEquals(outflow.isHigh, true);
  while (link.log.pendingBytes <= LIMIT) {
    assertEquals(link.isFull, false);
    send();
  }

  assertEquals(link.isFull, true);
  link.destroy();
});

Deno.test("Outflow.wait() resolves when what was sent by then has left, in order", async () => {
  const { link, outflow, send, thaw } = frozenLink();
  const over: number[] = [];
  for (let each = 0; each < 20; each++) {
    send();
    void outflow.wait().then(() => over.push(each));
  }
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(over, []);

  thaw();
  await outflow.wait();
  await new Promise((resolve) => setTimeout(resolve));

  assertEquals(over, Array.from({ length: 20 }, (_, each) => each));
  assertEquals(outflow.isHigh, false);
  link.destroy();
});

Deno.test("Outflow.wait() is one promise for those who sent little in between", () => {
  const { link, outflow, send } = frozenLink();
  for (let each = 0; each < 4; each++) send();

  const first = outflow.wait();
  link.send(99, 0, 0);
  assertStrictEquals(outflow.wait(), first);
  for (let each = 0; each < 2; each++) send();
  assertNotStrictEquals(outflow.wait(), first);

  link.destroy();
});

Deno.test("Outflow.wait() resolves when the link is lost", async () => {
  const { link, outflow, send } = frozenLink();
  for (let each = 0; each < 4; each++) send();
  const gone = outflow.wait();

  link.destroy();

  await gone;
  await outflow.wait();
});
