import { assert, assertEquals, assertFalse } from "@std/assert";
import { childSpec } from "../../../../lib/cli/commands/child_command.ts";
import { COMMANDS } from "../../../../lib/cli/commands/commands.ts";
import { readCommandLine } from "../../../../lib/cli/options/command_line.ts";
import {
  OPTIONS,
  type Settings,
} from "../../../../lib/cli/options/option_table.ts";
import { resolveSettings } from "../../../../lib/cli/options/settings.ts";

const ENTRY = "file:///cli.ts";

const DEFAULTS = Object.fromEntries(
  Object.entries(OPTIONS).map(([key, { default: value }]) => [key, value]),
) as unknown as Settings;

const GATEWAY = COMMANDS.find(({ name }) => name === "gateway") ?? fail();
const WORKER = COMMANDS.find(({ name }) => name === "worker") ?? fail();

function fail(): never {
  throw new TypeError("Cannot test: the command is missing");
}

Deno.test("childSpec() makes a command line that reads back as the same settings", async () => {
  const settings: Settings = {
    ...DEFAULTS,
    listen: ["ws://0.0.0.0:1", "text://0.0.0.0:2"],
    register: ["a:1", "b:2"],
    pingInterval: 0.5,
    closeCodes: ["slow=4100", "no-worker=1012"],
    pingData: "--ping, please",
    maxMessage: 1024,
    secretKey: "hush",
    reusePort: true,
    id: 3,
  };

  const { command, env = {} } = childSpec({
    name: "gateway 3",
    command: GATEWAY,
    operands: [],
    settings,
    entry: ENTRY,
    permissions: ["-A"],
    files: [],
  });

  const args = command.slice(command.indexOf(ENTRY) + 1);
  const line = await readCommandLine(args, { version: "", commands: COMMANDS });
  assert("flag" in line);
  const read = resolveSettings([...GATEWAY.options, "supervised"], {
    flag: line.flag,
    env: (name) => env[name],
    envNames: () => [],
    readText: fail,
    isMissing: () => false,
  });
  assertEquals([line.mistakes, read.mistakes], [[], []]);
  assertEquals(read.settings, { ...settings, supervised: true });
});

Deno.test("childSpec() keeps the secret key off the command line", () => {
  const { command, env } = childSpec({
    name: "worker 0",
    command: WORKER,
    operands: ["h.ts"],
    settings: { ...DEFAULTS, secretKey: "hush" },
    entry: ENTRY,
    permissions: ["-A"],
    files: [],
  });

  assertFalse(command.some((arg) => arg.includes("hush")));
  assertEquals(env, { GATEWAYWORKER_SECRET_KEY: "hush" });
  assertEquals(command.slice(-2), ["--", "h.ts"]);
});

Deno.test("childSpec() gives the permissions that it is told, and the files and variable that are needed", () => {
  const permissionsOf = (permissions: string[], lanCert = "") =>
    childSpec({
      name: "worker 0",
      command: WORKER,
      operands: ["h.ts"],
      settings: { ...DEFAULTS, lanCert },
      entry: ENTRY,
      permissions,
      files: ["/h.ts"],
    }).command.filter((word) => /^(-A|--allow)/.test(word));

  const env = "--allow-env=GATEWAYWORKER_SECRET_KEY";
  assertEquals(permissionsOf(["-A"], "c.pem"), ["-A"]);
  assertEquals(permissionsOf(["--allow-net"], "c.pem"), [
    "--allow-net",
    env,
    "--allow-read=c.pem,/h.ts",
  ]);
  assertEquals(permissionsOf(["--allow-read", "--allow-env=HOME"]), [
    "--allow-read",
    "--allow-env=HOME,GATEWAYWORKER_SECRET_KEY",
  ]);
});

Deno.test("childSpec() passes on flags of V8", () => {
  const { command } = childSpec({
    name: "worker 0",
    command: WORKER,
    operands: ["h.ts"],
    settings: { ...DEFAULTS, v8Flags: "--max-old-space-size=512 --expose-gc" },
    entry: ENTRY,
    permissions: ["-A"],
    files: [],
  });

  assert(
    command.includes("--v8-flags=--max-old-space-size=512,--expose-gc"),
  );
});

Deno.test("childSpec() asks for unstable features only to share a port", () => {
  const flags = (reusePort: boolean) =>
    childSpec({
      name: "gateway 0",
      command: GATEWAY,
      operands: [],
      settings: { ...DEFAULTS, reusePort },
      entry: ENTRY,
      permissions: ["-A"],
      files: [],
    }).command.filter((arg) => arg.startsWith("--unstable"));

  assertEquals(flags(false), []);
  assertEquals(flags(true), ["--unstable-net"]);
});
