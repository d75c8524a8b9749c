import { assertEquals } from "@std/assert";
import { mergeLocks, partOf } from "../../../../lib/cli/world/lock.ts";

const OURS = {
  version: "5",
  specifiers: { "npm:a@1": "1.2.0", "npm:@b/c@^2.0.0": "2.1.0" },
  npm: {
    "a@1.2.0": { dependencies: ["d"], optionalDependencies: ["native"] },
    "@b/c@2.1.0": { dependencies: ["d@3.0.0"] },
    "d@2.0.0": { dependencies: ["a"] },
    "native@1.0.0": {},
  },
  workspace: { dependencies: ["npm:a@1"] },
};

Deno.test("mergeLocks() keeps what stands in either, and the user's pins before ours", () => {
  const merged = mergeLocks(OURS, {
    version: "5",
    specifiers: { "npm:a@1": "1.1.0" },
    npm: { "a@1.1.0": {} },
    jsr: { "@x/y@1.0.0": {} },
    workspace: {},
  });

  assertEquals(merged.specifiers, {
    "npm:a@1": "1.1.0",
    "npm:@b/c@^2.0.0": "2.1.0",
  });
  assertEquals(Object.keys(merged.npm ?? {}).length, 5);
  assertEquals(merged.jsr, { "@x/y@1.0.0": {} });
  assertEquals("workspace" in merged, false);
});

Deno.test("mergeLocks() leaves a lock of another form as it is", () => {
  const other = { version: "3", packages: {} };

  assertEquals(mergeLocks(OURS, other), other);
});

Deno.test("partOf() follows dependencies, and leaves out what packages can do without", () => {
  assertEquals(partOf(OURS, ["a"]), {
    version: "5",
    specifiers: { "npm:a@1": "1.2.0" },
    npm: {
      "a@1.2.0": { dependencies: ["d"] },
      "d@2.0.0": { dependencies: ["a"] },
    },
  } as unknown as ReturnType<typeof partOf>);
});
