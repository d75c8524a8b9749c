import { assertEquals } from "@std/assert";
import { AbsentNames } from "../../../lib/cluster/absent_names.ts";

Deno.test("AbsentNames.hasAll() is true if every name was added and none deleted", () => {
  const names = new AbsentNames();
  names.add("a");
  names.add("b");

  assertEquals(names.hasAll(["a", "b"]), true);
  assertEquals(names.hasAll(["a", "c"]), false);
  names.delete("a");
  assertEquals(names.hasAll(["a"]), false);
});

Deno.test("AbsentNames.hasAll() is false for no names: those mean everybody", () => {
  const names = new AbsentNames();
  names.add("a");

  assertEquals(names.hasAll([]), false);
});

Deno.test("AbsentNames.add() forgets the oldest past 10,000", () => {
  const names = new AbsentNames();
  for (let each = 0; each <= 10_000; each++) names.add(`${each}`);

  assertEquals(names.size, 10_000);
  assertEquals(names.hasAll(["0"]), false);
  assertEquals(names.hasAll(["1", "10000"]), true);
});

Deno.test("AbsentNames.add() believes nothing that a gateway said before it knew who comes", async () => {
  const names = new AbsentNames();
  const [first, second] = [
    Promise.withResolvers<void>(),
    Promise.withResolvers<void>(),
  ];
  names.add("a");
  names.expect("a", first.promise);
  names.expect("a", second.promise);
  assertEquals(names.hasAll(["a"]), false);

  names.add("a");
  first.resolve();
  await first.promise;
  names.add("a");
  assertEquals(names.hasAll(["a"]), false);
  second.reject(new RangeError("no answer"));
  await Promise.allSettled([second.promise]);
  names.add("a");

  assertEquals(names.hasAll(["a"]), true);
});
