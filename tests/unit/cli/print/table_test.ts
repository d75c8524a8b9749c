import fc from "fast-check";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatStatus } from "../../../../lib/cli/print/status_tables.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatMilliseconds,
  formatTable,
} from "../../../../lib/cli/print/table.ts";

Deno.test("formatTable() makes columns as wide as they must be, numbers at the right", () => {
  const text = formatTable<[string, number]>([
    { title: "NAME", text: ([name]) => name },
    { title: "N", align: "right", text: ([, n]) => String(n) },
  ], [["a long name", 5], ["", 1_000]]);

  assertEquals(
    text,
    "NAME            N\na long name     5\n-            1000\n",
  );
});

Deno.test("formatTable() lets nobody command a terminal", () => {
  const text = formatTable([{ title: "NAME", text: (x: string) => x }], [
    "a\x1b[2J\nb",
  ]);

  assertEquals(text, "NAME\na?[2J?b\n");
});

Deno.test("numbers are written as people read them", () => {
  assertEquals(
    [0, 1_234_567].map(formatCount),
    ["0", "1,234,567"],
  );
  assertEquals(
    [0, 1_023, 1_024, 10_240, 5 * 1024 ** 3].map(formatBytes),
    ["0B", "1023B", "1.0K", "10K", "5.0G"],
  );
  assertEquals(
    [0, 59.9, 61, 3_661, 90_000].map(formatDuration),
    ["0s", "59s", "1m1s", "1h1m", "1d1h"],
  );
  assertEquals([0.26, 12.4].map(formatMilliseconds), ["0.3ms", "12ms"]);
});

Deno.test("formatStatus() shows nodes that tell nothing of themselves", () => {
  const text = formatStatus({
    registers: [],
    gateways: [{ id: "1", name: "", address: "10.0.0.1:2000", uptime: 65 }],
    workers: [],
  });

  assertStringIncludes(text, "10.0.0.1:2000");
  assertStringIncludes(text, "1m5s  silent");
  assertStringIncludes(text, "0 Registers, 1 gateway, 0 workers: 0 clients");
});

Deno.test("the dashboard writes bytes and durations as the command line does", async () => {
  const url = "../../../../lib/dashboard/assets/format.js";
  const page: typeof import("../../../../lib/dashboard/assets/format.js") =
    await import(url);

  fc.assert(
    fc.property(fc.double({ min: 0, max: 2 ** 52, noNaN: true }), (number) => {
      assertEquals(page.bytes(number), formatBytes(number));
      assertEquals(page.duration(number), formatDuration(number));
    }),
  );
});

Deno.test("formatStatus() has a line about nodes of PHP where some gateway takes them", () => {
  const gateway = { id: "1", name: "G", address: "a:1", uptime: 1 };
  const php = { workers: 2, programs: 1, handed: 5, lost: 1 };
  const status = (gateways: Parameters<typeof formatStatus>[0]["gateways"]) =>
    formatStatus({ registers: [], gateways, workers: [] });

  assertEquals(status([gateway]).includes("PHP"), false);
  assertStringIncludes(
    status([gateway, { ...gateway, id: "2", php }, { ...gateway, php }]),
    "PHP nodes: 4 links of workers, 2 of programs; 10 events handed over, of which 2 may be lost\n",
  );
});
