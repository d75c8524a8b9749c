import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { decodeBase64, toJson } from "../../../lib/admin/to_json.ts";

function written(value: unknown): string {
  return JSON.stringify(toJson(value));
}

Deno.test("toJson() says in JSON whatever a session may hold", () => {
  assertEquals(
    written({
      text: "t",
      number: 1.5,
      none: null,
      absent: undefined,
      date: new Date(7),
      noDate: new Date(NaN),
      bytes: Uint8Array.of(104, 105),
      words: Uint16Array.of(1, 2),
      bigs: BigInt64Array.of(3n),
      bigint: 2n ** 70n,
      map: new Map<unknown, unknown>([["a", new Set([1n])], [2, { b: [] }]]),
      list: [new Date(7), [undefined]],
    }),
    '{"text":"t","number":1.5,"none":null,"date":"1970-01-01T00:00:00.007Z",' +
      '"noDate":null,"bytes":"aGk=","words":[1,2],"bigs":["3"],' +
      '"bigint":"1180591620717411303424","map":{"2":{"b":[]},"a":["1"]},' +
      '"list":["1970-01-01T00:00:00.007Z",[null]]}',
  );
});

Deno.test("toJson() keeps every name of a record, also odd ones", () => {
  const record: Record<string, number> = Object.create(null);
  record["__proto__"] = 1;
  record["constructor"] = 2;

  assertEquals(written(record), '{"__proto__":1,"constructor":2}');
});

Deno.test("toJson() writes many bytes", () => {
  const bytes = new Uint8Array(200_000).fill(7);

  assertEquals(decodeBase64(String(toJson(bytes))), bytes);
});

Deno.test("decodeBase64() rejects what is none", () => {
  assertStrictEquals(decodeBase64("").length, 0);
  assertThrows(() => decodeBase64("a!"), TypeError, "must be base64");
});

Deno.test("toJson() leaves out what is undefined, so that nobody prints it", () => {
  const answer = toJson({ users: 0, next: undefined }) as object;

  assertEquals(Object.keys(answer), ["users"]);
});
