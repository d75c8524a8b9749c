import { assertEquals } from "@std/assert";
import { KINDS } from "../proxies/kinds.ts";
import { changed, exampleOf } from "../proxies/proxy.ts";
import { Table } from "../proxies/table.ts";

const DOCUMENT = new URL("../../docs/proxies.md", import.meta.url);

Deno.test("docs/proxies.md has what was seen of every proxy, and no failure", async () => {
  const table = Table.of(await Deno.readTextFile(DOCUMENT));
  const names = KINDS.map(({ name }) => name);
  assertEquals(table.columns, ["none", ...names]);
  assertEquals(`${table}`.includes("failed"), false);
});

Deno.test("Table finds what is not as documented, figures in parentheses aside", () => {
  const seen = new Table();
  seen.set("idle", "one", "stays (240 s)");
  seen.set("idle", "two", "cut");
  seen.set("reload", "one", "all lost");
  const document = `<!-- deno task proxies -->

|  | one | two |
| --- | --- | --- |
| idle | stays (1 s) | stays |
| reload | nothing lost / all lost (3) | |

<!-- end -->`;
  assertEquals(seen.differencesFrom(Table.of(document)), [{
    row: "idle",
    text: 'two, idle: saw "cut", documented is "stays"',
  }]);
  const renewed = Table.of(seen.into(document));
  assertEquals(renewed.get("idle", "two"), "cut");
  assertEquals(renewed.get("reload", "one"), "nothing lost / all lost (3)");
});

Deno.test("every example of a proxy has the ports and paths that its task changes", async () => {
  const program = { path: "/usr/sbin/one", root: "/", env: {} };
  const places = {
    folder: "/here",
    port: 1,
    spare: 2,
    gateways: [3, 4],
    program,
  };
  for (const kind of KINDS) {
    const text = changed(await exampleOf(kind), kind, places);
    const lines = text.split("\n").filter((line) => !/^\s*[#;]/.test(line));
    assertEquals(lines.filter((line) => /\b(443|8[24]\d\d)\b/.test(line)), []);
  }
});
