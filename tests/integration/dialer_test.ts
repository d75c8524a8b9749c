import { assertEquals, assertMatch } from "@std/assert";
import { Dialer } from "../../lib/link/dialer.ts";
import { Trust } from "../../lib/peer/trust.ts";
import { LogLines } from "../_support/log_lines.ts";
import { getAvailablePorts } from "../_support/processes.ts";

/** Dials where nobody listens, three times; returns what was said of it. */
async function dialInVain(
  isExpected: "expected" | "unexpected",
): Promise<readonly string[]> {
  await using log = await LogLines.collect("info");
  const failed = Promise.withResolvers<void>();
  let failures = 0;
  const dialer = new Dialer({
    address: `127.0.0.1:${getAvailablePorts(1)}`,
    introduction: { role: "worker", name: "", instance: "" },
    trust: await Trust.load({}),
    open: () => {
      throw new TypeError("Nobody listens there");
    },
    onFailed: () => {
      if (++failures === 3) failed.resolve();
    },
  });
  if (isExpected === "expected") dialer.expectGone();
  dialer.start();
  await failed.promise;
  await dialer.close();
  return log.lines;
}

Deno.test("Dialer says once why there is no link, however often it tries", async () => {
  const lines = await dialInVain("unexpected");

  assertEquals(lines.length, 1);
  assertMatch(lines[0] ?? "", /^Cannot link to gateway .*refused/);
});

Deno.test("Dialer says nothing where a gateway has left that said so", async () => {
  assertEquals(await dialInVain("expected"), []);
});
