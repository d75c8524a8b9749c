import { assertEquals, assertThrows } from "@std/assert";
import {
  formatRoute,
  parseRoute,
  resolveRoute,
} from "../../../../lib/gateway/workers/route_rule.ts";
import { readWish } from "../../../../lib/gateway/workers/wish.ts";

Deno.test("parseRoute() reads what formatRoute() writes", () => {
  for (
    const text of [
      "least",
      "hash:uid",
      "hash:header:x-room",
      "label",
      "label:path:game",
      "label:header:x-game:game",
      "label:header:x-game:a:b",
    ]
  ) {
    const rule = parseRoute(text);
    assertEquals(rule && formatRoute(rule), text);
  }
});

Deno.test("parseRoute() knows no other rule", () => {
  for (
    const text of [
      "",
      "most",
      "hash",
      "hash:",
      "hash:uid:x",
      "hash:header",
      "hash:header:",
      "hash:header:a b",
      "hash:header:a:b",
      "label:",
      "label:path",
      "label:path:",
      "label:path:a b",
      "label:header:a",
      "label:header:a:",
      "label:query:a",
    ]
  ) {
    assertEquals(parseRoute(text), undefined, text);
  }
  assertThrows(() => resolveRoute("most"), TypeError, 'is "most"');
  assertThrows(() => resolveRoute(7 as unknown as string), TypeError);
});

Deno.test("readWish() reads the label of a path or a header, and refuses what can be none", () => {
  const read = (text: string, target: string, value?: string) => {
    const headers: [string, string][] = value === undefined
      ? []
      : [["x-game", value]];
    return readWish(resolveRoute(text), { target, headers });
  };
  const path = "label:path:game";
  const header = "label:header:X-Game:game";

  assertEquals(read(path, "/chess/7?x=1"), { labels: { game: "chess" } });
  assertEquals(read(path, "/a%2fb"), { labels: { game: "a/b" } });
  assertEquals(read(path, "/?x=1"), undefined);
  assertEquals(read(path, "*"), undefined);
  assertEquals(read(header, "/", "go"), { labels: { game: "go" } });
  assertEquals(read(header, "/"), undefined);
  assertEquals(read("hash:header:X-Game", "/", "go"), { key: "go" });
  assertEquals(read("hash:uid", "/chess"), undefined);
  for (const target of ["/a%20b", "/%zz", `/${"x".repeat(65)}`]) {
    const wish = read(path, target) ?? {};
    assertEquals("status" in wish && wish.status, 400, target);
  }
});
