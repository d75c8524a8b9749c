import { assertEquals, assertThrows } from "@std/assert";
import { parseChaosOptions } from "../../chaos/options.ts";
import { FAULT_KINDS, LONG_FAULTS } from "../../chaos/plan.ts";

Deno.test("parseChaosOptions() takes values with and without an equals sign", () => {
  const { seed, seconds, scenario } = parseChaosOptions(
    ["--seed", "42", "--seconds=5", "--scenario", "deploy"],
  );

  assertEquals([seed, seconds, scenario], [42, 5, "deploy"]);
});

Deno.test("parseChaosOptions() leaves long faults out of runs that are too short for them", () => {
  const { faults } = parseChaosOptions(["--seconds", "59"]);

  assertEquals(faults.filter((each) => LONG_FAULTS.includes(each)), []);
  assertEquals(parseChaosOptions(["--seconds", "60"]).faults, FAULT_KINDS);
});

Deno.test("parseChaosOptions() takes a list of faults, and an empty one", () => {
  const given = ["--faults", "cut-link,kill-worker"];

  assertEquals(parseChaosOptions(given).faults, ["kill-worker", "cut-link"]);
  assertEquals(parseChaosOptions(["--faults", ""]).faults, []);
});

Deno.test("parseChaosOptions() refuses what it does not know, and says so", () => {
  const wrong = {
    '"seed"': ["seed"],
    "--sed": ["--sed", "1"],
    "--seed": ["--seed", "many"],
    "--scenario": ["--scenario", "peace"],
    "--faults": ["--faults", "cut-cake"],
  };
  for (const [message, args] of Object.entries(wrong)) {
    assertThrows(() => parseChaosOptions(args), TypeError, message);
  }
});
