import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../../lib/base/errors.ts";
import {
  checkLabels,
  formatLabels,
  hasLabels,
  parseLabels,
} from "../../../../lib/wire/bodies/labels.ts";
import {
  readTraits,
  traitsToTell,
} from "../../../../lib/wire/bodies/traits.ts";

Deno.test("parseLabels() reads what formatLabels() writes, in the order of names", () => {
  const labels = parseLabels("zone=eu,game=chess");

  assertEquals(labels, { game: "chess", zone: "eu" });
  assertEquals(formatLabels(labels ?? {}), "game=chess,zone=eu");
});

Deno.test("parseLabels() takes nothing else", () => {
  const many = Array.from({ length: 17 }, (_, index) => `l${index}=1`);
  for (
    const text of ["", "game", "=", "game=", "=chess", "a=b=c", "a=b,", "a=b c"]
  ) {
    assertEquals(parseLabels(text), undefined, text);
  }
  assertEquals(parseLabels(many.join()), undefined);
});

Deno.test("labels are wanted by their own names, whatever objects have beside them", () => {
  const odd = parseLabels("__proto__=x,constructor=y") ?? {};

  assertEquals(formatLabels(odd), "__proto__=x,constructor=y");
  assertEquals(hasLabels({}, odd), false);
  assertEquals(hasLabels(odd, odd), true);
  assertEquals(hasLabels({ game: "chess" }, {}), true);
});

Deno.test("checkLabels() says which label is none", () => {
  assertThrows(
    () => checkLabels("start worker", { game: 7 }),
    TypeError,
    'found "game" and a number',
  );
  assertThrows(() => checkLabels("start worker", ["a"]), TypeError, "a list");
  const many = Object.fromEntries(
    Array.from({ length: 17 }, (_, index) => [`l${index}`, "1"]),
  );
  assertThrows(() => checkLabels("start worker", many), RangeError, "is 17");
});

Deno.test("readTraits() reads what is told, and an ordinary worker tells nothing", () => {
  const traits = { labels: { game: "chess" }, weight: 3 };

  assertEquals(readTraits(traitsToTell(traits).traits), traits);
  assertEquals(traitsToTell({ labels: {}, weight: 1 }), {});
  for (const bad of [7, { weight: 0 }, { weight: 101 }, { labels: ["a"] }]) {
    assertThrows(() => readTraits(bad), ProtocolError);
  }
});
