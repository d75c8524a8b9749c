import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  decodeIntroduction,
  decodeOrder,
  decodeReport,
  encodeIntroduction,
  encodeOrder,
  encodeReport,
  newToken,
  type Report,
  reportMarker,
} from "../../../lib/process/channel.ts";

const REPORTS: Report[] = [
  { report: "ready", line: "a line", addresses: ["ws://127.0.0.1:1"] },
  { report: "failed", message: "two\nlines" },
  { report: "asked" },
];

Deno.test("decodeReport() reads what encodeReport() wrote", () => {
  for (const report of REPORTS) {
    const line = encodeReport(report, "secret");

    assertEquals(line.indexOf("\n"), line.length - 1);
    assertEquals(line.startsWith(reportMarker("secret")), true);
    assertEquals(decodeReport(line.slice(7)), report);
  }
});

Deno.test("decodeReport() is undefined for what is no report", () => {
  const texts = [
    "",
    "null",
    "[]",
    "{",
    '{"report":"ready"}',
    '{"report":"ready","line":"x","addresses":[1]}',
    '{"report":"failed","message":1}',
    '{"report":"unknown"}',
  ];

  assertEquals(texts.map(decodeReport), texts.map(() => undefined));
});

Deno.test("decodeOrder() reads what encodeOrder() wrote, and nothing else", () => {
  const order = { command: "stop" } as const;

  assertEquals(decodeOrder(encodeOrder(order)), order);
  assertEquals(decodeOrder('{"command":"dance"}'), undefined);
  assertEquals(decodeOrder("stop"), undefined);
});

Deno.test("decodeIntroduction() reads what encodeIntroduction() wrote, and nothing else", () => {
  const token = newToken();

  for (const waits of [true, false]) {
    const line = encodeIntroduction({ token, waits });
    assertEquals(decodeIntroduction(line), { token, waits });
  }
  assertEquals(decodeIntroduction(JSON.stringify({ token }))?.waits, false);
  assertNotEquals(newToken(), token);
  assertEquals(decodeIntroduction('{"command":"stop"}'), undefined);
});

Deno.test("encodeReport() throws if a report is too long", () => {
  const report: Report = { report: "failed", message: "x".repeat(6_000_000) };

  assertThrows(() => encodeReport(report, "secret"), RangeError, "at most");
});
