import { assertEquals } from "@std/assert";
import {
  CLOSE_CODES,
  closeCodesOf,
} from "../../../../lib/cli/options/close_codes_kind.ts";
import {
  ADDRESSES,
  bytes,
  choice,
  DIALABLE_HOST,
  FLAG,
  HOST,
  type Kind,
  LISTEN_URLS,
  SECONDS,
  wholeNumber,
} from "../../../../lib/cli/options/option_kind.ts";

/** What a kind makes of a text; `undefined` if it does not accept it. */
function readOne<T>(kind: Kind<T>, text: string): T | undefined {
  return kind.accepts(text) ? kind.read([text]) : undefined;
}

Deno.test("wholeNumber() accepts its limits and nothing past them", () => {
  const kind = wholeNumber(1, 256);

  assertEquals(
    ["0", "1", "256", "257", "1.5", "-1", "1e2", " 1", "x", ""].map((text) =>
      readOne(kind, text)
    ),
    [undefined, 1, 256, ...Array(7).fill(undefined)],
  );
});

Deno.test("SECONDS accepts decimals up to a day", () => {
  assertEquals(
    ["0", "0.5", "86400", "86400.1", "-1", "1s", ".5", ""].map((text) =>
      readOne(SECONDS, text)
    ),
    [0, 0.5, 86_400, ...Array(5).fill(undefined)],
  );
});

Deno.test("bytes() accepts sizes with a unit up to its limit", () => {
  assertEquals(
    ["1", "64k", "64K", "1m", "0", "65m", "1g", "k", "1 k", ""].map((text) =>
      readOne(bytes(64), text)
    ),
    [1, 65_536, 65_536, 1_048_576, ...Array(6).fill(undefined)],
  );
});

Deno.test("LISTEN_URLS accepts every scheme with a host and a port", () => {
  const good = [
    "ws://0.0.0.0:8282",
    "wss://[::1]:443",
    "text://a.example:1",
    "tls+tcp://127.0.0.1:0",
  ];
  const bad = [
    "127.0.0.1:8282",
    "http://127.0.0.1:1",
    "ws://127.0.0.1",
    "ws://127.0.0.1:65536",
    "ws://127.0.0.1:1/path",
    "tls+ws://127.0.0.1:1",
  ];

  assertEquals(good.filter(LISTEN_URLS.accepts), good);
  assertEquals(bad.filter(LISTEN_URLS.accepts), []);
});

Deno.test("HOST and DIALABLE_HOST differ in the addresses that nobody can dial", () => {
  const hosts = ["10.0.0.5", "::1", "gateway-1.example", "0.0.0.0", "::"];
  const neither = ["", "10.0.0.5:1", "[::1]", "a b"];

  assertEquals(hosts.filter(HOST.accepts), hosts);
  assertEquals(hosts.filter(DIALABLE_HOST.accepts), hosts.slice(0, 3));
  assertEquals([...neither, "10.0.0.256"].filter(DIALABLE_HOST.accepts), []);
  assertEquals(neither.filter(HOST.accepts), []);
});

Deno.test("a scalar kind takes the last text, a list all of them", () => {
  assertEquals(wholeNumber(1).read(["1", "2"]), 2);
  assertEquals(ADDRESSES.read(["a:1", "b:2"]), ["a:1", "b:2"]);
});

Deno.test("choice() and FLAG accept their words only", () => {
  const kind = choice("LEVEL", ["low", "high"]);

  assertEquals(["low", "high", "Low", ""].filter(kind.accepts), [
    "low",
    "high",
  ]);
  assertEquals(readOne(kind, "high"), "high");
  assertEquals(["true", "false", "yes"].map((text) => readOne(FLAG, text)), [
    true,
    false,
    undefined,
  ]);
});

Deno.test("CLOSE_CODES takes a cause and a code that may be sent, and the last of a cause", () => {
  const good = ["no-worker=1013", "slow=4100", "fast=1000", "idle=3000"];
  const bad = [
    "",
    "slow",
    "slow=",
    "slow=1006",
    "slow=1002",
    "slow=41000",
    "noWorker=1013",
    "toString=4100",
    "slow=4100=1",
    "slow= 4100",
  ];

  assertEquals(good.filter(CLOSE_CODES.accepts), good);
  assertEquals(bad.filter(CLOSE_CODES.accepts), []);
  assertEquals(closeCodesOf([...good, "slow=4200"]), {
    noWorker: 1013,
    slow: 4200,
    fast: 1000,
    idle: 3000,
  });
});
