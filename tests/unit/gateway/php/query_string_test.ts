import { assert, assertEquals } from "@std/assert";
import { parseQuery } from "../../../../lib/gateway/php/query_string.ts";
import { serialize } from "../../../../lib/php/serialize.ts";
import { textOf } from "../../../../lib/php/text.ts";

/** Queries, and what PHP's `parse_str` makes of them. */
const READ: [query: string, serialized: string][] = [
  ["flag", 'a:1:{s:4:"flag";s:0:"";}'],
  ["a=1&a=2", 'a:1:{s:1:"a";s:1:"2";}'],
  ["c.d=e%20f+g", 'a:1:{s:3:"c_d";s:5:"e f g";}'],
  ["b[]=2&b[]=3", 'a:1:{s:1:"b";a:2:{i:0;s:1:"2";i:1;s:1:"3";}}'],
  ["x[k][l]=v", 'a:1:{s:1:"x";a:1:{s:1:"k";a:1:{s:1:"l";s:1:"v";}}}'],
  ["a[5]=3&a[]=4", 'a:1:{s:1:"a";a:2:{i:5;s:1:"3";i:6;s:1:"4";}}'],
  ["a[-1]=1&a[ ]=2", 'a:1:{s:1:"a";a:2:{i:-1;s:1:"1";i:0;s:1:"2";}}'],
  ["a[b.c=1", 'a:1:{s:5:"a_b_c";s:1:"1";}'],
  ["a[b]c=1", 'a:1:{s:1:"a";a:1:{s:1:"b";s:1:"1";}}'],
  ["a=1&a[b]=2", 'a:1:{s:1:"a";a:1:{s:1:"b";s:1:"2";}}'],
  ["a%5Bb%5D=1", 'a:1:{s:1:"a";a:1:{s:1:"b";s:1:"1";}}'],
  ["%20a=%ff&a%00b=%4", 'a:1:{s:1:"a";s:2:"%4";}'],
  ["=x&[a]=1&&", "a:0:{}"],
  ["__proto__=1", 'a:1:{s:9:"__proto__";s:1:"1";}'],
];

Deno.test("parseQuery() reads queries as PHP does", () => {
  for (const [query, serialized] of READ) {
    assertEquals(textOf(serialize(parseQuery(query))), serialized, query);
  }
});

Deno.test("parseQuery() reads no more variables, and no more brackets, than PHP may be asked to", () => {
  assertEquals(
    parseQuery("a[]=1&".repeat(5_000)).get("a") instanceof Map,
    true,
  );
  const { size } = parseQuery("a[]=1&".repeat(5_000)).get("a") as Map<
    string,
    unknown
  >;
  assertEquals(size, 1_000);
  assert(parseQuery(`a${"[b]".repeat(65)}=1`).size === 0);
});
