import { assertEquals, assertThrows } from "@std/assert";
import { parseJsonc } from "../../../../lib/cli/world/jsonc.ts";

Deno.test("parseJsonc() reads comments and trailing commas, and leaves strings alone", () => {
  const text = `\uFEFF{ // one "x"
    /* two, } */ "a": "http://x/, }", "b": [1, 2, /* , */ ], "c\\"//": "/*", // three
    "d": {},
    // four
  }`;

  assertEquals(parseJsonc(text), {
    a: "http://x/, }",
    b: [1, 2],
    'c"//': "/*",
    d: {},
  });
});

Deno.test("parseJsonc() throws SyntaxError for what no comment explains", () => {
  for (const text of ["", "{", "{a: 1}", '{ "a": 1,, }', "/* {}", "{} }"]) {
    assertThrows(() => parseJsonc(text), SyntaxError);
  }
});
