import { assert, assertEquals, assertLess } from "@std/assert";
import { decodeRegisterMessage } from "../../../lib/roster/register_decoder.ts";

import { encodeReport } from "../../../lib/roster/report_line.ts";

const LIMIT = 65_536;

function decode(line: Uint8Array | undefined): Record<string, unknown> {
  assert(line !== undefined && line.length <= LIMIT);
  const message = decodeRegisterMessage(new TextDecoder().decode(line));
  assert(message.event === "report");
  return message.report;
}

Deno.test("encodeReport() changes nothing in a report that is short enough", () => {
  const report = { id: "g", links: [{ id: "w" }], events: ["one"] };
  const { line, excess } = encodeReport(report);

  assertEquals(decode(line), report);
  assertEquals(excess, undefined);
});

Deno.test("encodeReport() shortens the longest lists of a report that is too long, and keeps what is newest", () => {
  const links = Array.from({ length: 200 }, (_, index) => ({
    id: index,
    name: "処".repeat(200),
  }));
  const report = { id: "g", clients: 7, links, events: ["old", "new"] };
  const { line, excess } = encodeReport(report);

  const told = decode(line);
  assertEquals([told["id"], told["clients"]], ["g", 7]);
  assertEquals(told["events"], ["old", "new"]);
  const { links: kept } = told as { links: typeof links };
  assertLess(kept.length, 200);
  assertEquals(kept, links.slice(-kept.length));
  assertLess(LIMIT, excess ?? 0);
});

Deno.test("encodeReport() gives up on a report that no shorter list makes short enough", () => {
  const name = "x".repeat(LIMIT);

  const { line, excess } = encodeReport({ name, links: [], events: [name] });

  assertEquals(line, undefined);
  assertLess(2 * LIMIT, excess ?? 0);
});
