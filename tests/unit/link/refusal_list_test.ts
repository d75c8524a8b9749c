import { assertEquals, assertThrows } from "@std/assert";
import { MAX_REFUSALS, RefusalList } from "../../../lib/link/refusal_list.ts";
import { ProtocolError } from "../../../lib/base/errors.ts";
import {
  decodeRefusals,
  encodeRefusals,
  LATEST,
  type RefusalEntry,
} from "../../../lib/wire/bodies/refusals.ts";

/** A list, and its two clocks. */
function begin() {
  const clocks = { passed: 0, today: 1_000_000 };
  const list = new RefusalList({
    now: () => clocks.passed,
    today: () => clocks.today,
  });
  return { clocks, list };
}

function entry(more: Partial<RefusalEntry> = {}): RefusalEntry {
  return {
    kind: "uid",
    name: "ann",
    until: 1_001_000,
    reason: "",
    stamp: 5,
    isAllowed: false,
    ...more,
  };
}

Deno.test("RefusalList takes of two entries the later one, in whichever order they come", () => {
  const [one, two] = [begin().list, begin().list];
  const refused = entry();
  const allowed = entry({ stamp: 6, isAllowed: true });

  assertEquals(one.take([refused]), [refused]);
  assertEquals(one.take([allowed]), [allowed]);
  assertEquals(two.take([allowed]), [allowed]);
  assertEquals(two.take([refused]), []);

  assertEquals([one.find("uid", "ann"), two.find("uid", "ann")], [
    undefined,
    undefined,
  ]);
  assertEquals([one.size, two.size], [0, 0]);
});

Deno.test("RefusalList takes the same of two entries with one stamp wherever it is", () => {
  const [one, two] = [begin().list, begin().list];
  const [short, long] = [entry(), entry({ until: 1_002_000 })];

  one.take([short, long]);
  two.take([long, short]);

  assertEquals(one.all(), [long]);
  assertEquals(two.all(), [long]);
});

Deno.test("RefusalList goes by the time that passes, whatever the clock of the machine is set to", () => {
  const { clocks, list } = begin();
  list.take([entry()]);

  clocks.today = 9_000_000;
  clocks.passed = 999;
  assertEquals(list.find("uid", "ann")?.name, "ann");
  clocks.passed = 1_000;

  assertEquals(list.find("uid", "ann"), undefined);
  assertEquals(list.all(), []);
});

Deno.test("RefusalList.stamped() makes an entry later than what is known, also of a clock that is behind", () => {
  const { list } = begin();
  list.take([entry({ stamp: 900 })]);

  const { stamp } = list.stamped(entry({ stamp: 100 }));

  assertEquals(stamp, 901);
  assertEquals(list.stamped(entry({ name: "bob", stamp: 7 })).stamp, 7);
});

Deno.test("RefusalList is bounded, and drops what was taken back first", () => {
  const { list } = begin();
  const name = (i: number) => `u${i}`;
  const most = 2 * MAX_REFUSALS;
  list.take([entry({ name: "back", isAllowed: true })]);
  for (let i = 0; i < most + 5; i++) list.take([entry({ name: name(i) })]);

  assertEquals(list.size, most);
  assertEquals(list.find("uid", name(most - 1))?.name, name(most - 1));
  assertEquals(list.find("uid", name(most)), undefined);
});

Deno.test("decodeRefusals() reads what encodeRefusals() wrote", () => {
  const entries = [
    entry({ reason: "spam" }),
    entry({ kind: "address", name: "10.0.0.0/24", isAllowed: true }),
  ];

  assertEquals(decodeRefusals(encodeRefusals(entries)), entries);
});

Deno.test("a refusal until a time that no date can have is none, and a stamp stays below it", () => {
  const { list } = begin();
  for (const wrong of [{ until: 1e300 }, { stamp: LATEST + 1 }]) {
    const bytes = encodeRefusals([entry(wrong)]);
    assertThrows(() => decodeRefusals(bytes), ProtocolError);
  }

  list.take([entry({ stamp: LATEST })]);

  const next = list.stamped(entry());
  assertEquals(decodeRefusals(encodeRefusals([next])), [next]);
});
