import { assertEquals, assertStringIncludes } from "@std/assert";
import { countedLoads } from "../../bench/counts/compare_work.ts";
import { formatCounts, isMore } from "../../bench/counts/count_report.ts";
import type { Counts } from "../../bench/counts/counts.ts";
import { countSystemCalls } from "../../bench/counts/system_calls.ts";
import { suiteOf } from "../../bench/load/suite.ts";
import { noFaults } from "../../bench/load/lane.ts";

const TRACE = `
100   epoll_wait(3, [{events=EPOLLIN, data=0x1}], 1024, 59) = 1
100   recvfrom(12, ""..., 65536, 0, NULL, NULL) = 70
101   futex(0x7f, FUTEX_WAIT_PRIVATE, 4294967295, NULL <unfinished ...>
100   sendto(13, ""..., 80, MSG_NOSIGNAL, NULL, 0 <unfinished ...>
101   <... futex resumed>)              = ? ERESTARTSYS (To be restarted if SA_RESTART is set)
100   <... sendto resumed>)             = 80
100   recvfrom(12, 0x7f, 65536, 0, NULL, NULL) = -1 EAGAIN (Resource temporarily unavailable)
100   mmap(NULL, 262144, PROT_NONE, MAP_PRIVATE, -1, 0) = 0x7f46c0a5d000
100   +++ exited with 0 +++
`;

Deno.test("countSystemCalls() counts each call once, and the bytes of those on sockets", () => {
  assertEquals(countSystemCalls(TRACE), {
    sends: 1,
    receives: 2,
    waits: 1,
    others: 2,
    sent: 80,
    received: 70,
  });
});

Deno.test("countedLoads() leaves out what has no messages, and what is chance of a broadcast", () => {
  const timing = { seconds: 1, warmup: 1 };

  assertEquals(
    countedLoads(suiteOf("compare", timing)).map(({ title, load }) => [
      title,
      load.clients,
      load.depth,
    ]),
    [
      ["Echo, one message in flight per client", 100, 1],
      ["Echo, 8 in flight", 100, 8],
      ["Echo, 900 clients", 900, 1],
      ["Broadcast to 900 clients, one in flight", 900, 1],
    ],
  );
  const idle = suiteOf("full", timing).filter(({ load }) =>
    load.mode === "idle" || load.mode === "connect" || load.rate > 0
  );
  assertEquals(countedLoads(idle), []);
});

Deno.test("isMore() takes for growth only what chance does not do", () => {
  assertEquals(isMore("calls", [2.1, 2.2, 2.3], [2, 2.01, 2.02]), true);
  // One bout was no worse than one before.
  assertEquals(isMore("calls", [2.01, 2.2, 2.3], [2, 2.01, 2.02]), false);
  // Less than two per cent, and next to nothing.
  assertEquals(isMore("bytes", [302, 302, 302], [300, 300, 300]), false);
  assertEquals(isMore("calls", [0.03, 0.03, 0.03], [0.02, 0.02, 0.02]), false);
});

Deno.test("formatCounts() names the work that grew, and why some was not counted", () => {
  const counts = (allocated: number): Counts => ({
    roles: [{ name: "worker", calls: [], bytes: [], allocated: [allocated] }],
    faults: noFaults(),
    reason: "Cannot count system calls without strace",
  });

  const report = formatCounts(
    [{ title: "Echo", now: counts(900), before: counts(600) }],
    "v1",
  );

  assertStringIncludes(
    report,
    "| Echo: worker | – | – | 900 : 600 = 1.50 | NO: allocated |",
  );
  assertStringIncludes(report, "- Cannot count system calls without strace");
});

Deno.test("countedLoads() counts rows over TLS over TLS", () => {
  const rows = suiteOf("full", { seconds: 1, warmup: 1 }).filter(({ title }) =>
    title.includes("TLS")
  );

  assertEquals(
    new Set(countedLoads(rows).map(({ server }) => server)),
    new Set(["ours+wss", "ours+lan-tls"]),
  );
});
