import { assertEquals } from "@std/assert";
import { encodeReport, type Report } from "../../../lib/process/channel.ts";
import { ChildOutput } from "../../../lib/process/child_output.ts";

const encoder = new TextEncoder();

/** What comes out when the bytes come in pieces of some size. */
function split(
  input: Uint8Array,
  size: number,
): { output: string[]; reports: Report[] } {
  const [output, reports]: [string[], Report[]] = [[], []];
  const splitter = new ChildOutput({
    onOutput: (bytes) => void output.push(new TextDecoder().decode(bytes)),
    onReport: (report) => void reports.push(report),
  });
  for (let at = 0; at < input.length; at += size) {
    splitter.push(input.slice(at, at + size));
  }
  splitter.end();
  return { output, reports };
}

Deno.test("ChildOutput.push() separates reports from whole lines, however they are cut", () => {
  const asked: Report = { report: "asked" };
  const failed: Report = { report: "failed", message: "größer" };
  const input = encoder.encode(
    `one\n${encodeReport(asked)}\ntwo ü\n${encodeReport(failed)}three`,
  );

  for (let size = 1; size <= input.length; size++) {
    assertEquals(split(input, size), {
      output: ["one\n", "\n", "two ü\n", "three"],
      reports: [asked, failed],
    });
  }
});

Deno.test("ChildOutput.push() finds a report after text without a newline", () => {
  const input = encoder.encode(`50 % ${encodeReport({ report: "asked" })}`);

  assertEquals(split(input, input.length), {
    output: ["50 % "],
    reports: [{ report: "asked" }],
  });
});

Deno.test("ChildOutput.push() passes on what has the marker and is no report", () => {
  const input = encoder.encode('\x1e{"type":"Feature"}\n');

  assertEquals(split(input, 3).output, ['\x1e{"type":"Feature"}\n']);
});

Deno.test("ChildOutput.push() does not hold back a line without end", () => {
  const pieces: number[] = [];
  const splitter = new ChildOutput({
    onOutput: ({ length }) => void pieces.push(length),
    onReport: () => {},
  });

  splitter.push(new Uint8Array(65_536));
  assertEquals(pieces, []);
  splitter.push(new Uint8Array(1));

  assertEquals(pieces, [65_537]);
});
