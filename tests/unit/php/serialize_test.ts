import { assertEquals, assertThrows } from "@std/assert";
import { ProtocolError } from "../../../lib/base/errors.ts";
import {
  arrayOf,
  hasReference,
  listOf,
  PhpFloat,
  PhpOpaque,
  type PhpValue,
} from "../../../lib/php/php_value.ts";
import { formatFloat, serialize } from "../../../lib/php/serialize.ts";
import { bytesOf, textOf } from "../../../lib/php/text.ts";
import { unserialize } from "../../../lib/php/unserialize.ts";

/** What PHP writes, and what it is here. */
const WRITTEN: [text: string, value: PhpValue][] = [
  ["N;", null],
  ["b:1;", true],
  ["b:0;", false],
  ["i:-3;", -3],
  ["i:9007199254740991;", 9007199254740991],
  ["i:9007199254740992;", 9007199254740992n],
  ["i:-9223372036854775808;", -9223372036854775808n],
  ["d:0.1;", new PhpFloat(0.1)],
  ["d:1;", new PhpFloat(1)],
  ["d:-0;", new PhpFloat(-0)],
  ["d:10000000000000000;", new PhpFloat(1e16)],
  ["d:1.0E+17;", new PhpFloat(1e17)],
  ["d:9.223372036854776E+18;", new PhpFloat(2 ** 63)],
  ["d:1.5E-7;", new PhpFloat(1.5e-7)],
  ["d:0.0001;", new PhpFloat(1e-4)],
  ["d:1.0E-5;", new PhpFloat(1e-5)],
  ["d:INF;", new PhpFloat(Infinity)],
  ["d:-INF;", new PhpFloat(-Infinity)],
  ["d:NAN;", new PhpFloat(NaN)],
  ['s:0:"";', ""],
  ['s:5:"a";é";', 'a";é'],
  ["a:0:{}", arrayOf({})],
  ['a:2:{i:7;i:1;s:2:"07";N;}', arrayOf({ 7: 1, "07": null })],
  [
    'a:2:{s:1:"b";a:1:{i:0;i:1;}s:1:"a";b:1;}',
    arrayOf({ b: listOf([1]) })
      .set("a", true),
  ],
  [
    'a:1:{s:19:"9223372036854775808";i:1;}',
    new Map([
      ["9223372036854775808", 1],
    ]),
  ],
  [
    "a:1:{i:-9223372036854775808;i:1;}",
    new Map([
      ["-9223372036854775808", 1],
    ]),
  ],
];

/** What PHP would not write, or not in whole. */
const BROKEN = [
  "",
  "N",
  "N;N;",
  "b:2;",
  "b:;",
  "i:;",
  "i:1",
  "i:01;",
  "i:-0;",
  "i:+1;",
  "i:9223372036854775808;",
  "d:;",
  "d:1e5;",
  "d:0x1;",
  "d:.5;",
  "s:1:a;",
  's:2:"a";',
  's:0:"a";',
  's:-1:"";',
  's:9999999999:"";',
  "a:1:{}",
  "a:-1:{}",
  "a:100000000:{i:0;N;}",
  "a:1:{b:1;N;}",
  "a:1:{i:0;N;",
  "a:0:{i:0;N;}",
  'O:1:"A":1:{}',
  'C:1:"A":9:{x}',
  'E:9:"A:B";',
  "R:x;",
  'S:1:"a";',
  "x:1;",
];

Deno.test("serialize() and unserialize() are of one mind with PHP", () => {
  for (const [text, value] of WRITTEN) {
    assertEquals(textOf(serialize(value)), text);
    assertEquals(unserialize(bytesOf(text)), value);
  }
});

Deno.test("unserialize() keeps objects, enums and references as they came", () => {
  const session =
    'a:5:{s:1:"a";O:3:"Foo":1:{s:4:"\0*\0x";i:1;}s:1:"b";E:11:"Suit:Hearts";' +
    's:1:"c";C:3:"Bar":3:{}";}s:1:"d";R:2;s:1:"e";i:1;}';
  const value = unserialize(bytesOf(session)) as Map<string, PhpValue>;
  const kinds = [...value.values()].map((item) =>
    item instanceof PhpOpaque ? item.kind : item
  );

  assertEquals(kinds, ["object", "enum", "custom object", "reference", 1]);
  assertEquals(textOf(serialize(value)), session);
});

Deno.test("hasReference() finds what would mean something else elsewhere", () => {
  const read = (text: string) => hasReference(unserialize(bytesOf(text)));

  assertEquals(read('a:1:{i:0;O:1:"A":1:{s:1:"x";i:1;}}'), false);
  assertEquals(read('a:1:{i:0;O:1:"A":1:{s:1:"x";r:1;}}'), true);
  assertEquals(read("a:2:{i:0;i:1;i:1;R:2;}"), true);
  assertEquals(read('C:1:"A":0:{}'), true);
});

Deno.test("unserialize() refuses what PHP does not write, and says where", () => {
  for (const text of BROKEN) {
    assertThrows(() => unserialize(bytesOf(text)), ProtocolError, "expected");
  }
  for (const [text] of WRITTEN) {
    for (let length = 0; length < text.length; length++) {
      const cut = bytesOf(text).subarray(0, length);
      assertThrows(() => unserialize(cut), ProtocolError);
    }
  }
});

Deno.test("unserialize() takes no more depth and no more bytes than it is told", () => {
  const nested = (depth: number) =>
    bytesOf("a:1:{i:0;".repeat(depth) + "N;" + "}".repeat(depth));

  unserialize(nested(64));
  assertThrows(() => unserialize(nested(65)), ProtocolError, "less depth");
  assertThrows(() => unserialize(nested(100_000)), ProtocolError);
  assertThrows(
    () => unserialize(bytesOf("i:10;"), { maxSize: 4 }),
    ProtocolError,
    "must not exceed 4 bytes: it has 5",
  );
});

Deno.test("unserialize() reads floats of any serialize_precision", () => {
  const value = unserialize(bytesOf("d:0.10000000000000001;"));
  assertEquals(value, new PhpFloat(0.1));
  const tiny = unserialize(bytesOf("d:4.9406564584124654E-324;"));
  assertEquals(tiny, new PhpFloat(5e-324));
});

Deno.test("serialize() refuses what is no integer of 64 bits", () => {
  for (const wrong of [1.5, NaN, 2 ** 53, 2n ** 63n]) {
    assertThrows(() => serialize(wrong), RangeError, String(wrong));
  }
});

Deno.test("formatFloat() writes what PHP does", () => {
  const texts = [1.7976931348623157e308, 123.456, 1e15, 123456789012345680]
    .map(formatFloat);
  assertEquals(
    texts,
    [
      "1.7976931348623157E+308",
      "123.456",
      "1000000000000000",
      "1.2345678901234568E+17",
    ],
  );
});

Deno.test("textOf() gives every string of bytes a text of its own", () => {
  for (
    const bytes of [
      [],
      [0xff],
      [0x61, 0xff, 0x62],
      [0xef, 0xbb, 0xbf, 0x61],
      [0xed, 0xb2, 0x80],
      [0xc3],
      [0xc3, 0xa9, 0x80],
      [0xf0, 0x9f, 0x98, 0x80, 0x80],
      [0xf0, 0x9f, 0x98],
      [0xc0, 0x80],
      [0xe0, 0x80, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0, 0x7f],
    ]
  ) {
    assertEquals([...bytesOf(textOf(new Uint8Array(bytes)))], bytes);
  }
  assertEquals(textOf(new Uint8Array([0x61, 0xff])), "a\udcff");
});
