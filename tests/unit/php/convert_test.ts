import { assertEquals, assertThrows } from "@std/assert";
import {
  fromJs,
  sessionFromJs,
  sessionToJs,
  toJs,
} from "../../../lib/php/convert.ts";
import { PhpFloat } from "../../../lib/php/php_value.ts";
import { bytesOf, textOf } from "../../../lib/php/text.ts";

/** A session of ours, and as PHP has it; the same way back. */
const BOTH_WAYS: [session: Record<string, unknown>, text: string][] = [
  [{}, ""],
  [{ name: "tom", age: 3 }, 'a:2:{s:4:"name";s:3:"tom";s:3:"age";i:3;}'],
  [
    { list: [1, "b", null, true] },
    'a:1:{s:4:"list";a:4:{i:0;i:1;i:1;s:1:"b";i:2;N;i:3;b:1;}}',
  ],
  [{ half: 0.5, minus: -0 }, 'a:2:{s:4:"half";d:0.5;s:5:"minus";d:-0;}'],
  [{ big: 9223372036854775807n }, 'a:1:{s:3:"big";i:9223372036854775807;}'],
  [{ raw: new Uint8Array([255]) }, 'a:1:{s:3:"raw";s:1:"\udcff";}'],
  [{ a: { "7": 1, b: {} } }, 'a:1:{s:1:"a";a:2:{i:7;i:1;s:1:"b";a:0:{}}}'],
];

Deno.test("sessionFromJs() writes sessions as PHP stores them", () => {
  for (const [session, text] of BOTH_WAYS) {
    assertEquals(textOf(sessionFromJs(session)), text);
  }
});

Deno.test("sessionToJs() reads them back, an empty array as a list", () => {
  for (const [session, text] of BOTH_WAYS.slice(0, -1)) {
    assertEquals(sessionToJs(bytesOf(text)), session);
  }
  assertEquals(
    sessionToJs(bytesOf('a:1:{s:1:"a";a:2:{i:7;i:1;s:1:"b";a:0:{}}}')),
    { a: { "7": 1, b: [] } },
  );
  assertEquals(sessionToJs(bytesOf("N;")), {});
});

Deno.test("sessionToJs() makes a key __proto__ a key like any other", () => {
  const session = sessionToJs(bytesOf('a:1:{s:9:"__proto__";i:1;}'));
  assertEquals(Object.keys(session), ["__proto__"]);
  assertEquals(Object.getPrototypeOf(session), Object.prototype);
});

Deno.test("sessionToJs() says what of a session cannot be read here", () => {
  const read = (text: string) => () => sessionToJs(bytesOf(text));

  assertThrows(
    read('a:1:{s:4:"user";a:1:{s:1:"o";O:1:"A":0:{}}}'),
    TypeError,
    "Cannot read session.user.o of a PHP session",
  );
  assertThrows(read("a:2:{i:0;i:1;i:1;R:2;}"), TypeError, "PHP's reference");
  assertThrows(read('a:1:{s:1:"\udcff";i:1;}'), TypeError, "UTF-8");
  assertThrows(read("i:1;"), TypeError, "must be an array");
});

Deno.test("fromJs() tells integers from floats, and refuses what PHP has not", () => {
  assertEquals(fromJs(1), 1);
  assertEquals(fromJs(2 ** 53), new PhpFloat(2 ** 53));
  assertEquals(fromJs(5n), 5);
  assertEquals(fromJs(new Date(0)), "1970-01-01T00:00:00.000Z");
  assertEquals(fromJs(new Map([[1, undefined]])), new Map([["1", null]]));
  assertEquals(fromJs({ gone: undefined }), new Map());
  const circle: unknown[] = [];
  circle.push(circle);
  for (
    const [value, why] of [
      [2n ** 63n, "64 bits"],
      [Symbol.iterator, "symbol"],
      [circle, "too deep"],
      [new Map([[{}, 1]]), "object as key"],
    ] as const
  ) {
    assertThrows(() => fromJs({ a: value }, "session"), TypeError, why);
  }
});

Deno.test("toJs() makes lists of arrays whose keys count up, and of no others", () => {
  assertEquals(toJs(new Map([["0", 1], ["1", 2]])), [1, 2]);
  assertEquals(toJs(new Map([["1", 1], ["0", 2]])), { 1: 1, 0: 2 });
});
