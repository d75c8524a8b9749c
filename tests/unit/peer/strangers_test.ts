import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Strangers } from "../../../lib/peer/strangers.ts";

Deno.test("Strangers.evict() returns the oldest of the network that has most", () => {
  const strangers = new Strangers<string>();
  strangers.add("10.0.0.2", "good");
  for (const name of ["a", "b", "c"]) strangers.add("10.0.0.1", name);
  strangers.add("10.0.0.3", "other");

  assertEquals(strangers.evict(), "a");
  assertEquals(strangers.evict(), "b");
  assertEquals(strangers.size, 3);
});

Deno.test("Strangers.evict() returns the oldest of all where each network has one", () => {
  const strangers = new Strangers<string>();
  for (const host of [1, 2, 3]) strangers.add(`10.0.0.${host}`, `n${host}`);
  strangers.delete("10.0.0.1", "n1");

  assertEquals(strangers.evict(), "n2");
  assertEquals(strangers.evict(), "n3");
  assertEquals(strangers.evict(), undefined);
});

Deno.test("Strangers counts all addresses of an IPv6 network as one machine's", () => {
  const strangers = new Strangers<string>();
  strangers.add("2001:db8::1", "a");
  strangers.add("2001:db8:1::1", "good");
  strangers.add("2001:db8::ffff:2", "b");

  assertEquals(strangers.evict(), "a");
  strangers.delete("2001:db8::ffff:2", "b");
  assertEquals(strangers.evict(), "good");
});

Deno.test("Strangers behaves as a list that is searched, whoever comes and goes", () => {
  const step = fc.record({
    host: fc.integer({ min: 1, max: 4 }),
    act: fc.constantFrom("add", "add", "delete", "evict"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const strangers = new Strangers<number>();
    let list: { host: string; id: number }[] = [];
    steps.forEach(({ host: last, act }, id) => {
      const host = `10.0.0.${last}`;
      const [mine] = list.filter((each) => each.host === host);
      if (act === "add") {
        strangers.add(host, id);
        list.push({ host, id });
      } else if (act === "delete" && mine !== undefined) {
        strangers.delete(host, mine.id);
        list = list.filter((each) => each !== mine);
      } else if (act === "evict") {
        const count = (each: { host: string }) =>
          list.filter(({ host }) => host === each.host).length;
        const most = Math.max(0, ...list.map(count));
        const evicted = strangers.evict();
        const gone = list.find(({ id }) => id === evicted);
        assertEquals(gone === undefined, list.length === 0);
        if (gone === undefined) return;
        assertEquals(count(gone), most);
        assertEquals(list.find(({ host }) => host === gone.host), gone);
        list = list.filter((each) => each !== gone);
      }
      assertEquals(strangers.size, list.length);
    });
  }));
});
