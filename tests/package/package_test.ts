import { assertEquals, assertGreater } from "@std/assert";
import { neededBy, wrongContents } from "./contents.ts";
import { type ModuleDoc, scoreOf } from "./score.ts";
import { wrongChangelog } from "./versions.ts";

/** A module with so many symbols that are documented, and so many that are not. */
function moduleWith(known: number, unknown: number): ModuleDoc {
  const symbol = (name: string, doc: string) => ({
    name,
    declarations: [{ kind: "function", jsDoc: { doc } }],
  });
  return {
    "module_doc": { doc: "What it is." },
    symbols: [
      ...Array.from({ length: known }, (_, i) => symbol(`known${i}`, "Does.")),
      ...Array.from({ length: unknown }, (_, i) => symbol(`unknown${i}`, "")),
    ],
  };
}

/** How many points a package gets by itself. */
function pointsOf(...[sheet]: Parameters<typeof scoreOf>): number {
  return scoreOf(sheet).reduce((sum, { earned = 0 }) => sum + earned, 0);
}

Deno.test("scoreOf() gives fourteen points of eighteen to a package that has all that it can have", () => {
  const readme = `${"# About\n".repeat(200)}\`\`\`ts\nrun();\n\`\`\`\n`;
  const good = {
    readme,
    modules: { ".": moduleWith(8, 2) },
    hasFastTypes: true,
  };

  assertEquals(pointsOf(good), 14);
  assertEquals(scoreOf(good).reduce((sum, { worth }) => sum + worth, 0), 18);
});

Deno.test("scoreOf() takes points for what is missing", () => {
  const module = moduleWith(7, 3);
  const bad = {
    readme: "",
    modules: { ".": { symbols: module.symbols } },
    hasFastTypes: false,
  };

  assertEquals(pointsOf(bad), 0);
  assertEquals(
    scoreOf(bad).find(({ worth }) => worth === 5)?.found,
    "70.0 % of 10, not unknown0, unknown1, unknown2",
  );
});

Deno.test("wrongContents() names what does not belong into the package, and what is missing", async () => {
  const wrong = await wrongContents(["mod.ts", "tests/upgrade/BASELINE"]);

  assertEquals(
    wrong.filter((line) => /BASELINE|LICENSE|cluster\/mod/.test(line)),
    [
      "tests/upgrade/BASELINE does not belong into it",
      "LICENSE is missing",
      "mod.ts needs lib/cluster/mod.ts",
    ],
  );
});

Deno.test("neededBy() finds modules, assets and programs that a module names", () => {
  const text = [
    'import { a } from "./a.ts";',
    'import page from "./b.html" with { type: "text" };',
    'export * from "../c.ts";',
    'import "./d.ts";',
    'const e = await import("./e.ts");',
    'const f = import.meta.resolve("../f.ts");',
    'const g = new URL("./g.js", import.meta.url);',
    'import { h } from "@std/assert";',
    ' * import { i } from "./i.ts";',
  ].join("\n");

  assertEquals(neededBy("lib/x/y.ts", text), [
    "lib/x/a.ts",
    "lib/x/b.html",
    "lib/c.ts",
    "lib/x/d.ts",
    "lib/x/e.ts",
    "lib/f.ts",
    "lib/x/g.js",
  ]);
});

Deno.test("wrongChangelog() finds versions without a date, out of order, and changes of no kind", () => {
  const good =
    "# Changelog\n\n## 0.2.0 (unreleased)\n\n### Added\n\n### Fixed\n\n## 0.1.0 (2026-01-01)\n\n### Added\n";
  assertEquals(wrongChangelog(good, "0.2.0"), []);

  const bad =
    "## 0.1.0\n\n### Fixed\n\n### Added\n\n## 0.2.0 (2026-01-01)\n\n### Nice\n";
  assertEquals(wrongChangelog(bad, "0.2.0").length, 5);
  assertGreater(wrongChangelog("", "0.1.0").length, 0);
});
