import { assertEquals, assertThrows } from "@std/assert";
import { findWorld } from "../../../../lib/cli/world/world.ts";
import { TestProject } from "../../../_support/project.ts";

const ROOT = new URL("../../../../", import.meta.url);

function toJson(value: unknown): string {
  return JSON.stringify(value);
}

Deno.test("findWorld() finds none for our own modules, other addresses, and bare folders", async () => {
  await using project = await TestProject.create({ "handler.ts": "" });

  const none = [
    new URL("examples/chat/handler.ts", ROOT).href,
    "https://example.com/handler.ts",
    "",
    `file://${project.path("handler.ts")}`,
  ].map(findWorld);

  assertEquals(none, [undefined, undefined, undefined, undefined]);
});

const BARE = Deno.makeTempDirSync();
globalThis.addEventListener("unload", () => Deno.removeSync(BARE));

Deno.test({
  name: "findWorld() looks no further than it may",
  permissions: { read: [BARE] },
  fn: () => {
    const found = [`file://${BARE}/handler.ts`, "file:///etc/handler.ts"]
      .map(findWorld);

    assertEquals(found, [undefined, undefined]);
  },
});

Deno.test("findWorld() joins what a project imports with us, and believes it in who we are", async () => {
  await using project = await TestProject.create({
    "deno.json": toJson({ importMap: "./maps/map.json" }),
    "maps/map.json": toJson({ imports: { a: "./a.ts" } }),
    "named/deno.jsonc": toJson({
      imports: { "@gatewayworker/core": "jsr:@gatewayworker/core@^0.1.0" },
    }),
  });

  const world = findWorld(`file://${project.path("deep/down/handler.ts")}`);
  const named = findWorld(`file://${project.path("named/handler.ts")}`);

  assertEquals(world?.config, project.path("deno.json"));
  assertEquals(
    world?.importMap.imports.a,
    `file://${project.path("maps/a.ts")}`,
  );
  assertEquals(
    world?.importMap.imports["@gatewayworker/core/testing"],
    new URL("lib/testing/mod.ts", ROOT).href,
  );
  assertEquals(named?.config, project.path("named/deno.jsonc"));
  assertEquals(named?.importMap.imports, {
    "@gatewayworker/core": "jsr:@gatewayworker/core@^0.1.0",
    "@gatewayworker/core/": "jsr:/@gatewayworker/core@^0.1.0/",
  });
});

Deno.test("findWorld() takes imports and lock of the workspace that a folder is a member of", async () => {
  const pin = { version: "5", specifiers: { "npm:a@1": "1.0.0" } };
  await using project = await TestProject.create({
    "deno.json": toJson({ workspace: ["./apps/*"], imports: { a: "npm:a@1" } }),
    "deno.lock": toJson(pin),
    "apps/chat/deno.json": "{}",
    "other/deno.json": "{}",
  });

  const member = findWorld(
    `file://${project.path("apps/chat/src/handler.ts")}`,
  );
  const other = findWorld(`file://${project.path("other/handler.ts")}`);

  assertEquals(member?.config, project.path("apps/chat/deno.json"));
  assertEquals(member?.importMap.imports.a, "npm:a@1");
  assertEquals(member?.lock.specifiers?.["npm:a@1"], "1.0.0");
  assertEquals(other?.importMap.imports.a, undefined);
  assertEquals(other?.lock.specifiers?.["npm:a@1"], undefined);
});

Deno.test("findWorld() takes the lock that the configuration names, or none", async () => {
  const lock = toJson({ version: "5", specifiers: { "npm:a@1": "1.0.0" } });
  await using project = await TestProject.create({
    "deno.lock": lock,
    "b.lock": lock,
  });
  const pinOf = async (told: unknown) => {
    await project.write("deno.json", toJson({ lock: told }));
    const world = findWorld(`file://${project.path("handler.ts")}`);
    return world?.lock.specifiers?.["npm:a@1"];
  };

  assertEquals(await pinOf(undefined), "1.0.0");
  assertEquals(await pinOf(true), "1.0.0");
  assertEquals(await pinOf("b.lock"), "1.0.0");
  assertEquals(await pinOf({ path: "b.lock", frozen: true }), "1.0.0");
  assertEquals(await pinOf("c.lock"), undefined);
  assertEquals(await pinOf(false), undefined);
});

Deno.test("findWorld() throws TypeError that names the file that is wrong", async () => {
  await using project = await TestProject.create();
  const refused = async (files: Record<string, string>, named: string) => {
    for (const [name, text] of Object.entries(files)) {
      await project.write(name, text);
    }
    const url = `file://${project.path("handler.ts")}`;
    assertThrows(() => findWorld(url), TypeError, project.path(named));
  };

  await refused({ "deno.json": "{" }, "deno.json");
  await refused({ "deno.json": "[]" }, "deno.json");
  await refused({ "deno.json": toJson({ importMap: "no.json" }) }, "deno.json");
  await refused({ "deno.json": "{}", "deno.lock": "<<<<" }, "deno.lock");
  await refused({ "deno.lock": toJson({ version: 5 }) }, "deno.lock");
  await refused({
    "deno.json": toJson({ imports: { "@gatewayworker/core": "./core.ts" } }),
  }, "deno.json");
});
