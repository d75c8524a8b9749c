import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Command } from "../../../../lib/cli/options/command.ts";
import {
  type CommandLine,
  type Information,
  readCommandLine,
} from "../../../../lib/cli/options/command_line.ts";
import { COMMANDS } from "../../../../lib/cli/commands/commands.ts";
import {
  COMMON_OPTIONS,
  OPTIONS,
} from "../../../../lib/cli/options/option_table.ts";

function read(...args: string[]): Promise<CommandLine | Information> {
  return readCommandLine(args, { version: "1.2.3", commands: COMMANDS });
}

async function readLine(...args: string[]): Promise<CommandLine> {
  const line = await read(...args);
  assert("command" in line);
  return line;
}

async function readInformation(...args: string[]): Promise<Information> {
  const information = await read(...args);
  assert("code" in information);
  return information;
}

function optionsOf(
  { options }: Command,
): (typeof OPTIONS)[keyof typeof OPTIONS][] {
  return [...options, ...COMMON_OPTIONS].map((key) => OPTIONS[key]);
}

Deno.test("readCommandLine() separates the operand from flags in any order", async () => {
  for (
    const args of [
      [
        "start",
        "h.ts",
        "--workers",
        "2",
        "--listen=ws://a:1",
        "--listen=ws://b:2",
      ],
      [
        "start",
        "--listen=ws://a:1",
        "--workers=2",
        "--listen",
        "ws://b:2",
        "h.ts",
      ],
      [
        "start",
        "--workers=2",
        "--listen=ws://a:1",
        "--listen=ws://b:2",
        "--",
        "h.ts",
      ],
    ]
  ) {
    const line = await readLine(...args);

    assertEquals(line.command.name, "start");
    assertEquals(line.operands, ["h.ts"]);
    assertEquals(line.mistakes, []);
    assertEquals(line.flag("workers"), ["2"]);
    assertEquals(line.flag("listen"), ["ws://a:1", "ws://b:2"]);
    assertEquals(line.flag("gateways"), undefined);
  }
});

Deno.test("readCommandLine() takes an empty value and one that begins with a dash", async () => {
  const line = await readLine("gateway", "--ping-data=--x", "--name=");

  assertEquals(line.flag("ping-data"), ["--x"]);
  assertEquals(line.flag("name"), [""]);
});

Deno.test("readCommandLine() lists all unknown flags with what was probably meant", async () => {
  const { mistakes } = await readLine(
    "register",
    "--lan-alow=10.0.0.0/8",
    "--ping-interval",
    "5",
    "--bogus",
  );

  assertEquals(mistakes, [
    'Cannot use --lan-alow as "register" has no such option: did you mean "--lan-allow"?',
    'Cannot use --ping-interval as "register" has no such option: it belongs to start, gateway',
    'Cannot use --bogus as "register" has no such option: see "register --help"',
  ]);
});

Deno.test("readCommandLine() says of a flag with a value that it takes none", async () => {
  const { mistakes } = await readLine("start", "h.ts", "--dev=yes");

  assertEquals(mistakes, [
    "Cannot use --dev=yes as --dev takes no value: write --dev, or leave it out",
  ]);
});

Deno.test("readCommandLine() finds an operand that is missing, or too many", async () => {
  const missing = await readLine("worker");
  const extra = await readLine("worker", "a.ts", "b.ts");
  const none = await readLine("register", "a.ts");

  assertEquals(missing.mistakes, [
    'Cannot run "worker" as it needs a HANDLER: none was given, see "worker --help"',
  ]);
  assertEquals(extra.mistakes, [
    'Cannot run "worker" as it takes only HANDLER: "b.ts" is too many',
  ]);
  assertEquals(none.mistakes, [
    'Cannot run "register" as it takes no operand: "a.ts" is too many',
  ]);
});

Deno.test("readCommandLine() answers an unknown command, a flag without value, and a stray flag in one line", async () => {
  for (
    const [args, piece] of [
      [["strat", "h.ts"], "start"],
      [["gateway", "--listen"], "--listen"],
      [["--bogus"], "--bogus"],
    ] as const
  ) {
    const { code, text } = await readInformation(...args);

    assertEquals(code, 2);
    assertEquals(text.split("\n").length, 2);
    assertStringIncludes(text, piece);
  }
});

Deno.test("readCommandLine() prints help for nothing at all, with exit code 2", async () => {
  const { code, text } = await readInformation();

  assertEquals(code, 2);
  assertStringIncludes(text, "start HANDLER");
});

Deno.test("readCommandLine() prints the version", async () => {
  assertEquals(await readInformation("--version"), {
    code: 0,
    text: "gatewayworker 1.2.3\n",
  });
});

Deno.test("readCommandLine() prints help for each command with every option, its default and examples", async () => {
  for (const command of COMMANDS) {
    const { code, text } = await readInformation(command.name, "--help");

    assertEquals(code, 0);
    assertStringIncludes(text, "Examples:");
    assertStringIncludes(text, `cli.ts ${command.name}`);
    for (const { name, internal = false } of optionsOf(command)) {
      assertEquals([name, new RegExp(`--${name}(?![\\w-])`).test(text)], [
        name,
        !internal,
      ]);
    }
  }
});

Deno.test("readCommandLine() takes what follows -- and negative numbers for operands", async () => {
  for (
    const [args, operands, confirm] of [
      [["--confirm", "--", "group", "-x", "hi"], ["group", "-x", "hi"], true],
      [["--", "group", "--confirm", "--"], ["group", "--confirm", "--"], false],
      [["group", "--", "--x", "-"], ["group", "--x", "-"], false],
      [
        ["group", "-100123", "hi", "--confirm"],
        ["group", "-100123", "hi"],
        true,
      ],
      [["all", "-5 degrees", "--confirm"], ["all", "-5 degrees"], true],
    ] as const
  ) {
    const line = await readLine("send", ...args);

    assertEquals([line.mistakes, line.operands], [[], operands]);
    assertEquals(line.flag("confirm") !== undefined, confirm);
  }
});

Deno.test("readCommandLine() says how to give an operand that looks like a flag", async () => {
  const { mistakes } = await readLine("send", "group", "-lobby", "hi");

  assertEquals(mistakes, [
    'Cannot use -lobby as "send" has no such option: see "send --help", or put -- before what is no option',
  ]);
});

Deno.test("readCommandLine() prints the common options first, and the others by what they are about", async () => {
  const { text } = await readInformation("gateway", "--help");
  const few = await readInformation("status", "--help");

  const places = [
    "\nOptions:",
    "--listen ",
    "--config ",
    "\nGateways:",
    "--window ",
    "\nClients:",
    "--subprotocols ",
    "\nTrust:",
    "--lan-ca ",
    "\nProcesses:",
  ].map((piece) => text.indexOf(piece));
  assertEquals(places.includes(-1), false);
  assertEquals(places, places.toSorted((a, b) => a - b));
  assertEquals(few.text.includes("Processes:"), false);
});

Deno.test("readCommandLine() takes back a flag that a command has on by default", async () => {
  const given = await readLine("start", "handler.ts", "--no-resume");
  const meant = await readLine("start", "handler.ts", "--resume");
  const left = await readLine("start", "handler.ts");

  const flags = [given, meant, left].map((line) => line.flag("resume"));
  assertEquals(flags, [["false"], ["true"], undefined]);
  assertEquals(given.mistakes, []);
  const { mistakes } = await readLine("start", "handler.ts", "--no-watch");
  assertEquals(mistakes.length, 1);
});
