import { assertEquals, assertStringIncludes } from "@std/assert";
import type { LedgerEntry } from "../../../mod.ts";
import { checkBalance, checkSettled } from "../../chaos/ledger_watch.ts";

function ledger(changes: Partial<LedgerEntry>): LedgerEntry {
  const zero: Partial<LedgerEntry> = {
    accepted: 0,
    acknowledged: 0,
    inFlight: 0,
    parked: 0,
    poisoned: 0,
    expired: 0,
  };
  // The checks read these counters alone.
  return { ...zero, ...changes } as LedgerEntry;
}

Deno.test("checkBalance() finds an event that is in no column, or in two", () => {
  const good = { accepted: 10, acknowledged: 4, inFlight: 3, parked: 2 };

  assertEquals(checkBalance(ledger({ ...good, expired: 1 })), undefined);
  assertEquals(checkBalance(ledger({ ...good, poisoned: 1 })), undefined);
  assertStringIncludes(checkBalance(ledger(good)) ?? "", "accepted 10");
  assertStringIncludes(
    checkBalance(ledger({ ...good, inFlight: 5 })) ?? "",
    "in flight 5",
  );
});

Deno.test("checkBalance() finds counters that cancel each other out", () => {
  const wrong = ledger({ accepted: 1, acknowledged: 2, inFlight: -1 });

  assertStringIncludes(checkBalance(wrong) ?? "", "in flight -1");
});

Deno.test("checkSettled() finds whatever was not acknowledged", () => {
  assertEquals(checkSettled(ledger({ accepted: 5 })), undefined);
  for (const column of ["inFlight", "parked", "poisoned", "expired"]) {
    assertStringIncludes(
      checkSettled(ledger({ [column]: 1 })) ?? "",
      "at the end",
    );
  }
});
