import { assertEquals } from "@std/assert";
import { ConnectionLimit } from "../../../../lib/transport/admission/connection_limit.ts";
import {
  boundedByFiles,
  parseFileLimit,
  readFileLimit,
} from "../../../../lib/transport/admission/fd_limit.ts";
import { TOO_MANY } from "../../../../lib/transport/admission/refusal_answers.ts";
import { RateMeter } from "../../../../lib/transport/admission/rate_meter.ts";
import { TokenBucket } from "../../../../lib/transport/admission/token_bucket.ts";

Deno.test("TokenBucket gives a second's worth at once, and not one more", () => {
  const bucket = new TokenBucket(3, 0);

  assertEquals([1, 1, 1, 1].map((n) => bucket.take(n, 0)), [
    true,
    true,
    true,
    false,
  ]);
});

Deno.test("TokenBucket fills at its rate, up to a second's worth", () => {
  const bucket = new TokenBucket(10, 0);
  bucket.take(10, 0);

  assertEquals(bucket.take(1, 99), false);
  assertEquals(bucket.take(1, 200), true);
  assertEquals(bucket.take(10, 9_000), true);
  assertEquals(bucket.take(1, 9_000), false);
});

Deno.test("TokenBucket without a limit is never empty", () => {
  const bucket = new TokenBucket(Infinity, 0);

  assertEquals(bucket.take(1e9, 0), true);
  assertEquals(bucket.take(1e9, 0), true);
});

Deno.test("RateMeter is over when there are too many messages or too many bytes", () => {
  const limit = { messages: 2, bytes: 100, policy: "pause" } as const;
  const many = new RateMeter(limit, 0);
  const long = new RateMeter(limit, 0);

  many.count(2, 2, 0);
  assertEquals(many.isOver, false);
  many.count(1, 1, 0);
  assertEquals(many.isOver, true);
  long.count(1, 100, 0);
  assertEquals(long.isOver, false);
  long.count(1, 1, 0);
  assertEquals(long.isOver, true);
  long.count(0, 0, 10);
  assertEquals(long.isOver, false);
});

Deno.test("ConnectionLimit lets in so many from one address, and one more when one has left", () => {
  const connectionLimit = new ConnectionLimit({ maxPerAddress: 2 });

  assertEquals(
    ["a", "a", "a", "b"].map((host) => connectionLimit.enterFrom(host)),
    [undefined, undefined, TOO_MANY, undefined],
  );
  connectionLimit.leaveFrom("a");
  assertEquals(connectionLimit.enterFrom("a"), undefined);
  assertEquals(connectionLimit.enterFrom("a"), TOO_MANY);
});

Deno.test("ConnectionLimit has room below its limit", () => {
  const connectionLimit = new ConnectionLimit({ maxConnections: 1 });

  assertEquals(connectionLimit.hasRoom, true);
  connectionLimit.connections++;
  assertEquals(connectionLimit.hasRoom, false);
});

Deno.test("parseFileLimit() reads the soft limit", () => {
  const limits = "Limit                     Soft Limit           Hard Limit\n" +
    "Max processes             127                  127      processes\n" +
    "Max open files            20000                524288   files\n";

  assertEquals(parseFileLimit(limits), 20_000);
  assertEquals(parseFileLimit("Max open files unlimited"), undefined);
});

Deno.test("readFileLimit() cannot tell where there is no such file", async () => {
  assertEquals(await readFileLimit("/nowhere/limits"), undefined);
});

Deno.test("boundedByFiles() leaves file descriptors for everything else", () => {
  assertEquals(boundedByFiles(15_000, undefined), 15_000);
  assertEquals(boundedByFiles(15_000, 1_024), 896);
  assertEquals(boundedByFiles(100, 1_024), 100);
  assertEquals(boundedByFiles(15_000, 64), 48);
});
