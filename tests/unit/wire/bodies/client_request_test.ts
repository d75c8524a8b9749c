import { assertEquals } from "@std/assert";
import { toClientRequest } from "../../../../lib/wire/bodies/client_request.ts";

Deno.test("toClientRequest() takes cookies apart at semicolons, the first of equal names", () => {
  const { cookies } = toClientRequest("/room?id=7", [
    [
      "cookie",
      "sid=real; prefs=x,sid=other; sid=late; name=%C3%A9; odd=%E4%zz",
    ],
    ["cookie", "more=1"],
  ]);

  assertEquals({ ...cookies }, {
    sid: "real",
    prefs: "x,sid=other",
    name: "é",
    odd: "%E4%zz",
    more: "1",
  });
});

/** A header as it is handed on: a character for each byte. */
function raw(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

Deno.test("toClientRequest() reads cookies with raw UTF-8 as browsers send them", () => {
  const { cookies, headers } = toClientRequest("/", [
    ["cookie", raw("name=Zoë; café=☕; \ufeffx=1; esc=%C3%AB")],
    ["cookie", "latin=caf\xe9"],
  ]);

  assertEquals({ ...cookies }, {
    "name": "Zoë",
    "café": "☕",
    "\ufeffx": "1",
    "esc": "ë",
    "latin": "caf\xe9",
  });
  // As `Headers` has it: bytes.
  assertEquals(headers.get("cookie")?.includes(raw("Zoë")), true);
});

for (
  const [what, header, cookies] of [
    ["JSON", 'prefs={"a":1,"b":2}; sid=1', {
      prefs: '{"a":1,"b":2}',
      sid: "1",
    }],
    ["equals signs", "t=YWJj==", { t: "YWJj==" }],
    ["quotes", 'q="hello world"', { q: '"hello world"' }],
    ["no blanks", "a=1;b=2", { a: "1", b: "2" }],
    ["a name of every object", "__proto__=1; a=2", {
      ["__proto__"]: "1",
      a: "2",
    }],
    ["the more specific path first", "sid=here; sid=there", { sid: "here" }],
    ["no value", "a=; b", { a: "" }],
  ] as const
) {
  Deno.test(`toClientRequest() reads cookies with ${what}`, () => {
    const { cookies: read } = toClientRequest("/", [["cookie", header]]);

    assertEquals(Object.entries(read), Object.entries(cookies));
  });
}
