import { assertEquals, assertThrows } from "@std/assert";
import {
  checkCellName,
  inboxSubject,
  isSaidSubject,
  saidSubject,
  shardOf,
} from "../../../lib/nats/subjects.ts";

Deno.test("checkCellName() takes what can be one part of a subject, and nothing else", () => {
  assertEquals(checkCellName("cell", "eu-west-1"), "eu-west-1");
  for (const name of ["", "EU", "eu.west", "*", "x".repeat(33), 7, undefined]) {
    assertThrows(() => checkCellName("cell", name), TypeError, "1 to 32");
  }
});

Deno.test("isSaidSubject() knows the answers of a cluster from everything else", () => {
  const subject = saidSubject("shop", "0a1b-2c");

  assertEquals(isSaidSubject("shop", subject), true);
  assertEquals(isSaidSubject("shop2", subject), false);
  assertEquals(isSaidSubject("shop", `${subject}.more`), false);
  assertEquals(isSaidSubject("shop", saidSubject("shop", "*")), false);
  assertEquals(isSaidSubject("shop", inboxSubject("shop", "eu", 0)), false);
});

Deno.test("shardOf() is FNV-1a of the name's UTF-8, the same in every cell", () => {
  // The published test vectors: "a" is e40c292c, "foobar" is bf9cf968.
  assertEquals(shardOf("a", 16), 0xe40c292c % 16);
  assertEquals(shardOf("foobar", 7), 0xbf9cf968 % 7);
  assertEquals(shardOf("uann", 1), 0);
  const shards = Array.from({ length: 1_000 }, (_, i) => shardOf(`u${i}`, 4));
  for (const shard of [0, 1, 2, 3]) {
    const share = shards.filter((each) => each === shard).length;
    assertEquals(share > 150 && share < 350, true, `shard ${shard}: ${share}`);
  }
});
