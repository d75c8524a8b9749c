import { assertEquals } from "@std/assert";
import { readPublicApi, reduce, SNAPSHOT } from "./public_api.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("the public API is the one written down: `deno task api` writes it anew", async () => {
  const known = JSON.parse(await Deno.readTextFile(SNAPSHOT));

  assertEquals(await readPublicApi(), known);
});

Deno.test("reduce() keeps names, signatures and members, and nothing private", () => {
  const string = { kind: "keyword", value: "string" };
  const at = { kind: "identifier", name: "at", tsType: string };
  const symbols = [{
    name: "Bell",
    declarations: [{
      kind: "class",
      def: {
        extends: "Error",
        constructors: [
          { name: "constructor", accessibility: "private", params: [] },
        ],
        properties: [{ name: "tone", readonly: true, tsType: string }],
        methods: [{
          name: "ring",
          kind: "method",
          isStatic: true,
          functionDef: {
            params: [at, { kind: "assign", left: { ...at, name: "to" } }],
            returnType: {
              kind: "typeRef",
              value: { typeName: "Promise", typeParams: [string] },
            },
          },
        }],
      },
    }, { kind: "reference", def: {} }],
  }];
  const docs = { nodes: { [new URL("a.ts", ROOT).href]: { symbols } } };

  assertEquals(reduce(docs, { ".": "./a.ts" }), {
    exports: { ".": ["Bell"] },
    names: {
      Bell: [
        "class Bell extends Error",
        "readonly tone: string",
        "static ring(at: string, to?: string): Promise<string>",
      ],
    },
  });
});
