import { assertEquals } from "@std/assert";
import { audit } from "../../../../lib/cli/commands/audit_command.ts";

const GATEWAY = { id: "1", name: "Gateway", uptime: 1 };

const BALANCED = {
  accepted: 10,
  acknowledged: 4,
  inFlight: 3,
  parked: 2,
  poisoned: 1,
  expired: 0,
};

Deno.test("audit() finds that a ledger holds, and the sum of all", () => {
  const audits = audit([
    { ...GATEWAY, address: "a:1", ledger: BALANCED },
    { ...GATEWAY, address: "b:1", ledger: BALANCED },
  ]);

  assertEquals(
    audits.map(({ name, missing }) => [name, missing]),
    [["a:1", 0], ["b:1", 0], ["total", 0]],
  );
  assertEquals(audits.at(-1)?.ledger["accepted"], 20);
});

Deno.test("audit() finds what a ledger misses", () => {
  const ledger = { ...BALANCED, accepted: 12 };

  const audits = audit([
    { ...GATEWAY, address: "a:1", ledger },
    { ...GATEWAY, address: "b:1", ledger: BALANCED },
  ]);

  assertEquals(audits.map(({ missing }) => missing), [2, 0, 2]);
});

Deno.test("audit() takes a gateway that tells nothing for one that did nothing", () => {
  assertEquals(
    audit([{ ...GATEWAY, address: "a:1" }]).map(({ missing }) => missing),
    [0, 0],
  );
});
