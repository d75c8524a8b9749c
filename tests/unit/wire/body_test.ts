import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../lib/base/errors.ts";
import {
  bytesField,
  decodeBody,
  decodeMap,
  encodeBody,
  numberField,
  numberListField,
  textField,
  textListField,
} from "../../../lib/wire/body.ts";

Deno.test("decodeBody() reads back what encodeBody() wrote", () => {
  const value = fc.jsonValue().filter((each) =>
    !JSON.stringify(each).includes("__proto__")
  );
  fc.assert(fc.property(value, (sent) => {
    // Through JSON, which has no −0 as CBOR integers have none.
    const expected = JSON.parse(JSON.stringify(sent));

    assertEquals(decodeBody(encodeBody(expected)), expected);
  }));
});

Deno.test("encodeBody() carries dates, bytes, large integers and undefined", () => {
  const value = {
    date: new Date(1_700_000_000_123),
    bytes: new Uint8Array([1, 2, 3]),
    big: 2n ** 60n,
    nothing: undefined,
    none: null,
    fraction: 0.1,
    text: "grüße 👋",
  };

  const decoded = decodeMap(encodeBody(value));

  assertEquals(decoded["date"], value.date);
  assertEquals(new Uint8Array(decoded["bytes"] as Uint8Array), value.bytes);
  assertEquals(decoded["big"], value.big);
  assertEquals(Object.hasOwn(decoded, "nothing"), true);
  assertEquals(decoded["none"], null);
  assertEquals(decoded["fraction"], 0.1);
  assertEquals(decoded["text"], value.text);
});

Deno.test("encodeBody() writes plain CBOR that any library reads", () => {
  assertEquals(
    encodeBody({ a: [1, "b"] }).toHex(),
    "a1" + "6161" + "8201" + "6162",
  );
});

Deno.test("encodeBody() returns bytes that nobody else writes to", () => {
  const first = encodeBody({ value: 1 });
  const copy = first.slice();

  for (let each = 0; each < 100; each++) {
    encodeBody({ value: "x".repeat(each) });
  }

  assertEquals(first, copy);
  assertEquals(first.buffer.byteLength, first.length);
});

Deno.test("decodeMap() takes no key for more than a key", () => {
  const body = decodeMap(
    Uint8Array.fromHex(
      "a1" + "69" + "5f5f70726f746f5f5f" + "a1" + "6161" + "01",
    ),
  );

  assertEquals(Object.getPrototypeOf(body), Object.prototype);
  assertEquals(({} as Record<string, unknown>)["a"], undefined);
});

for (
  const [what, hex] of [
    ["nothing", ""],
    ["a cut-off map", "a16161"],
    ["a reserved byte", "1c"],
    ["two values", "0101"],
    ["a text longer than the bytes", "7a7fffffff61"],
    ["a list longer than the bytes", "9a7fffffff01"],
  ]
) {
  Deno.test(`decodeBody() throws ProtocolError for ${what}`, () => {
    assertThrows(
      () => decodeBody(Uint8Array.fromHex(hex ?? "")),
      ProtocolError,
      "Cannot decode body",
    );
  });
}

Deno.test("decodeBody() throws ProtocolError for lists that are nested too deeply", () => {
  assertThrows(
    () => decodeBody(new Uint8Array(200_000).fill(0x81)),
    ProtocolError,
  );
});

Deno.test("decodeMap() throws nothing but ProtocolError, whatever comes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (noise) => {
      try {
        decodeMap(new Uint8Array(noise));
      } catch (error) {
        return error instanceof ProtocolError;
      }
      return true;
    }),
    { numRuns: 500 },
  );
});

Deno.test("decodeMap() throws ProtocolError for whatever is no map", () => {
  for (const value of [1, "text", null, undefined, [1], new Uint8Array(3)]) {
    assertThrows(
      () => decodeMap(encodeBody(value)),
      ProtocolError,
      "it is not a map",
    );
  }
});

Deno.test("fields are returned if they have their type, and undefined if they are absent", () => {
  const body = {
    text: "a",
    number: 1,
    bytes: new Uint8Array([1]),
    texts: ["a"],
    numbers: [1],
    none: null,
  };

  assertEquals(textField(body, "text"), "a");
  assertEquals(numberField(body, "number"), 1);
  assertEquals(bytesField(body, "bytes"), new Uint8Array([1]));
  assertEquals(textListField(body, "texts"), ["a"]);
  assertEquals(numberListField(body, "numbers"), [1]);
  for (const name of ["none", "absent"]) {
    assertEquals(textField(body, name), undefined);
    assertEquals(numberField(body, name), undefined);
    assertEquals(bytesField(body, name), undefined);
    assertEquals(textListField(body, name), []);
    assertEquals(numberListField(body, name), []);
  }
});

Deno.test("fields of another type throw ProtocolError that names them", () => {
  const read = [
    () => textField({ odd: 1 }, "odd"),
    () => numberField({ odd: "1" }, "odd"),
    () => numberField({ odd: NaN }, "odd"),
    () => bytesField({ odd: "1" }, "odd"),
    () => textListField({ odd: ["a", 1] }, "odd"),
    () => textListField({ odd: "a" }, "odd"),
    () => numberListField({ odd: [1, "a"] }, "odd"),
  ];

  for (const each of read) assertThrows(each, ProtocolError, '"odd" must be');
});

Deno.test("bytesField() returns a copy", () => {
  const body = decodeMap(encodeBody({ bytes: new Uint8Array([1]) }));
  const bytes = bytesField(body, "bytes");

  (body["bytes"] as Uint8Array)[0] = 9;

  assertEquals(bytes, new Uint8Array([1]));
});

Deno.test("numberField() and numberListField() read integers of any width", () => {
  // {"n": 5000, "l": [1, 4294967296]}, each integer in 64 bits, as cbor-x never writes.
  const bytes = Uint8Array.fromHex(
    "a2616e1b0000000000001388616c821b00000000000000011b0000000100000000",
  );

  const body = decodeMap(bytes);

  assertEquals(numberField(body, "n"), 5_000);
  assertEquals(numberListField(body, "l"), [1, 2 ** 32]);
  assertThrows(() => numberField({ n: 2n ** 60n }, "n"), ProtocolError);
});
