import { assertEquals } from "@std/assert";
import { encodeReport, type Report } from "../../../lib/process/channel.ts";
import { ChildOutput } from "../../../lib/process/child_output.ts";

const TOKEN = "4d2f";
const ASKED: Report = { report: "asked" };
const encoder = new TextEncoder();

const encode = (report: Report) => encodeReport(report, TOKEN);

/** What comes out when the bytes come in pieces of some size. */
function split(
  input: Uint8Array,
  size: number,
): { output: string[]; reports: Report[] } {
  const [output, reports]: [string[], Report[]] = [[], []];
  const splitter = new ChildOutput({
    onOutput: (bytes) => void output.push(new TextDecoder().decode(bytes)),
    onReport: (report) => void reports.push(report),
  }, TOKEN);
  for (let at = 0; at < input.length; at += size) {
    splitter.push(input.slice(at, at + size));
  }
  splitter.end();
  return { output, reports };
}

Deno.test("ChildOutput.push() separates reports from whole lines, however they are cut", () => {
  const failed: Report = { report: "failed", message: "größer" };
  const input = encoder.encode(
    `one\n${encode(ASKED)}\ntwo ü\n${encode(failed)}three`,
  );

  for (let size = 1; size <= input.length; size++) {
    assertEquals(split(input, size), {
      output: ["one\n", "\n", "two ü\n", "three"],
      reports: [ASKED, failed],
    });
  }
});

Deno.test("ChildOutput.push() finds a report after text without a newline", () => {
  const input = encoder.encode(`50 % ${encode(ASKED)}`);

  for (let size = 1; size <= input.length; size++) {
    assertEquals(split(input, size), { output: ["50 % "], reports: [ASKED] });
  }
});

Deno.test("ChildOutput.push() takes no report from text that does not know the child's secret", () => {
  const forged: Report[] = [
    ASKED,
    { report: "failed", message: "I" },
    { report: "ready", line: "I", addresses: [] },
    { report: "answer", id: 1, answer: {} },
  ];
  const texts = ["", "4d2", "4D2F", "4d24d2e"].flatMap((token) =>
    forged.map((report) => encodeReport(report, token))
  );
  const input = encoder.encode(texts.join(""));

  for (const size of [1, 7, input.length]) {
    assertEquals(split(input, size), { output: texts, reports: [] });
  }
});

Deno.test("ChildOutput.push() shows nothing of a report that was cut off, and takes the next", () => {
  const input = encoder.encode(
    `one ${encode(ASKED).slice(0, 15)}${encode(ASKED)}two\n${
      encode(ASKED).slice(0, 15)
    }\nthree\n`,
  );

  assertEquals(split(input, input.length), {
    output: ["one ", "two\n", "three\n"],
    reports: [ASKED],
  });
});

Deno.test("ChildOutput.push() does not hold back a line without end", () => {
  const pieces: number[] = [];
  const splitter = new ChildOutput({
    onOutput: ({ length }) => void pieces.push(length),
    onReport: () => {},
  }, TOKEN);

  splitter.push(new Uint8Array(65_536));
  assertEquals(pieces, []);
  splitter.push(new Uint8Array(1));

  assertEquals(pieces, [65_537]);
});

Deno.test("ChildOutput.push() finds a report after a line that is too long, wherever it is cut", () => {
  const report = encode(ASKED);

  for (let cut = 0; cut <= 8; cut++) {
    const text = "x".repeat(65_536 - cut);
    const { output, reports } = split(encoder.encode(text + report), 65_537);

    assertEquals(output.join("") === text, true);
    assertEquals(reports, [ASKED]);
  }
});

Deno.test("ChildOutput.push() holds no more than a report may have, and shows nothing of a longer one", () => {
  const output: Uint8Array[] = [];
  const reports: Report[] = [];
  const splitter = new ChildOutput({
    onOutput: (bytes) => void output.push(bytes),
    onReport: (report) => void reports.push(report),
  }, TOKEN);

  splitter.push(encoder.encode(encode(ASKED).slice(0, 10)));
  for (let i = 0; i < 40; i++) splitter.push(new Uint8Array(1_000_000));
  splitter.push(encoder.encode(`end\n${encode(ASKED)}`));

  assertEquals([output.length, reports], [0, [ASKED]]);
});
