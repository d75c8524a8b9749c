import { assertEquals } from "@std/assert";
import { toImportMap } from "../../../../lib/cli/world/import_map.ts";

Deno.test("toImportMap() makes addresses absolute, and adds the paths in packages", () => {
  const map = toImportMap({
    imports: {
      "~/": "./src/",
      up: "../up.ts",
      root: "/root.ts",
      jose: "npm:jose@^6",
      "@std/fs": "jsr:@std/fs@1",
      "own/": "npm:/own@1/",
      web: "https://example.com/mod.ts",
      wrong: 7,
    },
    scopes: { "./src/": { jose: "./jose.ts" } },
  }, "file:///srv/app/deno.json");

  assertEquals(map, {
    imports: {
      "jose/": "npm:/jose@^6/",
      "@std/fs/": "jsr:/@std/fs@1/",
      "~/": "file:///srv/app/src/",
      up: "file:///srv/up.ts",
      root: "file:///root.ts",
      jose: "npm:jose@^6",
      "@std/fs": "jsr:@std/fs@1",
      "own/": "npm:/own@1/",
      web: "https://example.com/mod.ts",
    },
    scopes: {
      "file:///srv/app/src/": { jose: "file:///srv/app/jose.ts" },
    },
  });
});

Deno.test("toImportMap() takes a configuration without imports", () => {
  const map = toImportMap({ fmt: {} }, "file:///srv/deno.json");

  assertEquals(map, { imports: {}, scopes: {} });
});
