import { assertEquals } from "@std/assert";
import {
  decodeOrder,
  decodeReport,
  encodeOrder,
  encodeReport,
  type Report,
} from "../../../lib/process/channel.ts";

const REPORTS: Report[] = [
  { report: "ready", line: "a line", addresses: ["ws://127.0.0.1:1"] },
  { report: "failed", message: "two\nlines" },
  { report: "asked" },
];

Deno.test("decodeReport() reads what encodeReport() wrote", () => {
  for (const report of REPORTS) {
    const line = encodeReport(report);

    assertEquals(line.charCodeAt(0), 0x1e);
    assertEquals(line.indexOf("\n"), line.length - 1);
    assertEquals(decodeReport(line.slice(1)), report);
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
