import { assertEquals, assertThrows } from "@std/assert";
import { compareWith } from "../../bench/load/compare.ts";
import { rolePlanOf } from "../../bench/load/role_plan.ts";
import { serverKind } from "../../bench/load/servers.ts";
import { suiteOf, SUITES } from "../../bench/load/suite.ts";

const timing = { seconds: 1, warmup: 1 };

Deno.test("compareWith() lets ours take turns with the revision, and leaves peers out", () => {
  const [first] = compareWith(suiteOf("quick", timing), "HEAD~1");

  assertEquals(first?.servers, ["ours", "ours@HEAD~1"]);
  assertEquals(first?.goals, [{
    figure: "perCpuSecond",
    of: "ours",
    against: "ours@HEAD~1",
    atLeast: 0.95,
  }]);
});

Deno.test("compareWith() keeps the number of processes", () => {
  const all = compareWith(suiteOf("full", timing), "v1");
  const direct = all.find(({ title }) => title === "User to user");

  assertEquals(direct?.servers, ["ours", "ours@v1", "ours:2+2", "ours@v1:2+2"]);
});

Deno.test("compareWith() keeps what is encrypted, in both versions", () => {
  const all = compareWith(suiteOf("full", timing), "v1");
  const servers = all.filter(({ title }) => title.includes("TLS"))
    .map(({ servers }) => servers.join(" "));

  assertEquals(
    [...new Set(servers)],
    [
      "ours+wss ours+wss@v1",
      "ours+lan-tls ours+lan-tls@v1 ours ours@v1",
    ],
  );
});

Deno.test("rolePlanOf() reads what is encrypted, beside revision and numbers", () => {
  assertEquals(
    ["ours", "ours+wss@v1:2+3", "ours+lan-tls", "ours+ws", "ws+wss"].map(
      rolePlanOf,
    ),
    [
      { gateways: 1, workers: 1, revision: undefined },
      { gateways: 2, workers: 3, revision: "v1", tls: "clients" },
      { gateways: 1, workers: 1, revision: undefined, tls: "links" },
      undefined,
      undefined,
    ],
  );
});

Deno.test("compareWith() judges idle clients by their memory", () => {
  const all = compareWith(suiteOf("full", timing), "v1");
  const idle = all.find(({ load }) => load.mode === "idle");

  assertEquals(idle?.goals.map(({ figure }) => figure), ["memory"]);
});

Deno.test("serverKind() knows revisions with and without numbers of processes", () => {
  assertEquals(
    ["ours@v1", "ours@v1:2+3", "ours:2+3"].map((name) =>
      serverKind(name).title
    ),
    [
      "gatewayworker, 1 gateway(s) + 1 worker(s) of v1",
      "gatewayworker, 2 gateway(s) + 3 worker(s) of v1",
      "gatewayworker, 2 gateway(s) + 3 worker(s)",
    ],
  );
  assertThrows(() => serverKind("theirs"), TypeError, "Cannot measure");
});

Deno.test("compareWith() keeps all rows of the suite that is meant for it", () => {
  const suite = suiteOf("compare", timing);

  assertEquals(
    compareWith(suite, "v1").map(({ title, servers }) => [title, ...servers]),
    suite.map(({ title }) => [title, "ours", "ours@v1"]),
  );
});

Deno.test("every server of every suite can be measured", () => {
  for (const name of SUITES) {
    for (const { servers } of suiteOf(name, timing)) servers.map(serverKind);
  }
});
