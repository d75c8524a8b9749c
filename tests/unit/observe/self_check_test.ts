import { assertEquals } from "@std/assert";
import { SelfCheck } from "../../../lib/observe/self_check.ts";
import { eventually } from "../../_support/eventually.ts";
import { LogLines } from "../../_support/log_lines.ts";

Deno.test("SelfCheck tells what is missing, again and again, until nothing is", async () => {
  await using log = await LogLines.collect();
  let problem: string | undefined = "no worker is there";
  using _check = new SelfCheck("gateway", () => problem, {
    first: 5,
    interval: 5,
  });

  await eventually("it was told twice", () => log.lines.length >= 2);
  problem = undefined;
  const { length } = log.lines;
  await new Promise((resolve) => setTimeout(resolve, 20));

  assertEquals(log.lines[0], "Self-check: no worker is there");
  assertEquals(log.lines.length, length);
});

Deno.test("SelfCheck waits before it looks, and looks no more when it is disposed", async () => {
  await using log = await LogLines.collect();
  let looks = 0;
  const look = () => void looks++;
  const check = new SelfCheck("gateway", look, { first: 1, interval: 1 });

  assertEquals(looks, 0);
  await eventually("it looked", () => looks > 1);
  check[Symbol.dispose]();
  const before = looks;
  await new Promise((resolve) => setTimeout(resolve, 10));

  assertEquals([looks, log.lines], [before, []]);
});
