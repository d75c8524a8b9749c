import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { childSpec } from "../../../../lib/cli/commands/child_command.ts";
import {
  gatewayOptions,
  workerOptions,
} from "../../../../lib/cli/options/role_options.ts";
import { toConfigName } from "../../../../lib/cli/options/option_table.ts";
import { resolveSettings } from "../../../../lib/cli/options/settings.ts";
import { LISTEN_TRUST_KEYS } from "../../../../lib/cli/options/trust_options.ts";

type Flags = Record<string, string[]>;

function resolve(flags: Flags, env: Record<string, string> = {}) {
  return resolveSettings([...LISTEN_TRUST_KEYS, "lanIp"], {
    flag: (name) => new Map(Object.entries(flags)).get(toConfigName(name)),
    env: (name) => env[name],
    envNames: () => [],
    readText: () => "from the file\nand another\n",
    isMissing: () => false,
  });
}

Deno.test("several secret keys come from repeated flags, or from one with commas", () => {
  for (const secretKey of [["new", "old"], ["new,old"]]) {
    const { settings } = resolve({ secretKey });
    assertEquals(workerOptions(settings).secretKey, ["new", "old"]);
  }
  const { settings } = resolve({}, { GATEWAYWORKER_SECRET_KEY: "new,old" });
  assertEquals(workerOptions(settings).secretKey, ["new", "old"]);
});

Deno.test("a key file is the role's to read, so that it can read it again", () => {
  const { settings } = resolve({ secretKeyFile: ["keys"] });
  const { secretKey, secretKeyFile } = gatewayOptions(settings);

  assertEquals([secretKey, secretKeyFile], [undefined, "keys"]);
});

Deno.test("a key that is nearer than the file takes its place", () => {
  const { settings } = resolve(
    { secretKey: ["near"] },
    { GATEWAYWORKER_SECRET_KEY_FILE: "keys" },
  );
  const { secretKey, secretKeyFile } = gatewayOptions(settings);

  assertEquals([secretKey, secretKeyFile], [["near"], undefined]);
});

Deno.test("certificates and networks reach the role", () => {
  const { settings } = resolve({
    lanCert: ["c"],
    lanKey: ["k"],
    lanCa: ["a"],
    lanAllow: ["10.0.0.0/8", "fd00::/8"],
    insecure: ["true"],
  });
  const { lanCert, lanKey, lanCa, lanAllow, insecure } = gatewayOptions(
    settings,
  );

  assertEquals([lanCert, lanKey, lanCa], ["c", "k", "a"]);
  assertEquals(lanAllow, ["10.0.0.0/8", "fd00::/8"]);
  assertEquals(insecure, true);
});

Deno.test("nonsense among networks and addresses is a mistake that is named", () => {
  const { mistakes } = resolve({
    lanAllow: ["10.0.0.0/40", "lan"],
    lanIp: ["0.0.0.0"],
  });

  assertEquals(mistakes.length, 3);
  assertMatch(mistakes.join("\n"), /"10\.0\.0\.0\/40"/);
  assertMatch(mistakes.join("\n"), /--lan-ip as it must be .*"0\.0\.0\.0"/);
});

Deno.test("a child is told of the files with keys and certificates and may read no others", () => {
  const { settings } = resolve({
    secretKeyFile: ["keys"],
    lanCert: ["c.pem"],
    lanKey: ["k.pem"],
  });
  const { command, env } = childSpec({
    name: "gateway 0",
    command: { name: "gateway", options: LISTEN_TRUST_KEYS },
    operands: [],
    settings,
    entry: "file:///cli.ts",
    permissions: ["--allow-net"],
    files: [],
  });

  assertEquals(
    command.filter((arg) => arg.startsWith("--allow-read")),
    ["--allow-read=keys,c.pem,k.pem"],
  );
  assertEquals(command.includes("--secret-key-file=keys"), true);
  assertFalse(command.some((arg) => arg.includes("from the file")));
  assertEquals(env?.["GATEWAYWORKER_SECRET_KEY"], "");
});
