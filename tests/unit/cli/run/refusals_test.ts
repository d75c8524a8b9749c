import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../../lib/cli/commands/commands.ts";
import { runProgram } from "../../../../lib/cli/run/program.ts";

/** What the program says of a command line; nothing is run. */
async function run(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; errors: string }> {
  let errors = "";
  const stderr = {
    writeSync(bytes: Uint8Array): number {
      errors += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  const commands = COMMANDS.map((command) => ({
    ...command,
    run: () => Promise.resolve(0),
  }));
  const code = await runProgram(args, commands, {
    stdout: stderr,
    stderr,
    env: (name) => env[name],
    envNames: () => Object.keys(env),
  });
  return { code, errors };
}

/** What is given, and a piece of the one line that is said. */
const REFUSED: readonly [args: string, piece: string][] = [
  [
    "gateway --origins https://example.com/",
    'no page is of origin "https://example.com/": write "https://example.com"',
  ],
  ["gateway --origins example.com", 'write "https://example.com"'],
  ["gateway --origins *.example.com", 'write "https://*.example.com"'],
  ["gateway --origins https://example.com:443", 'write "https://example.com"'],
  ["gateway --origins wss://example.com", 'write "https://example.com"'],
  ["gateway --origins https://bücher.example", "https://xn--bcher-kva.example"],
  ["gateway --origins *", "leave it out to let in all pages"],
  ["gateway --origins http://*", "leave it out to let in all pages"],
  ["gateway --origins http://localhost:*", "or the like"],
  ["gateway --secret-key=", "Cannot use --secret-key as it must be"],
  ["register --secret-key=a,", "Cannot use --secret-key as it must be"],
  ["api --api-token=", "it is empty"],
  ["start h.ts --cert no/cert.pem --key deno.json", "no such file"],
  ["gateway --cert deno.json", "Cannot use --cert without --key"],
  ["register --lan-key deno.json", "Cannot use --lan-key without --lan-cert"],
  ["status --lan-ca no/ca.pem", "Cannot use --lan-ca as there is no such file"],
  [
    "gateway --listen ws://a:1,wss://a:2",
    '"wss://a:2" needs a certificate: give --cert and --key',
  ],
  ["gateway --listen tls+text://a:2", "needs a certificate"],
  ["gateway --authorize no/module.ts", "no such file in"],
  ["worker h.ts --worker-permissions --alow-net", '"--alow-net" is none'],
  [
    "worker h.ts --worker-permissions allow-net,-X",
    '"allow-net,-X" is none',
  ],
  ["worker h.ts --v8-flags max-old-space-size=9", "flags that begin with --"],
  ["gateway --max-header-size 10", "a number of bytes from 256"],
  ["gateway --handshake-timeout 0", "a number of seconds from 0.001"],
  ["gateway --authorize-timeout 0", "a number of seconds from 0.001"],
  ["gateway --link-heartbeat 0", "a number of seconds from 0.001"],
  ["worker h.ts --query-timeout 0", "a number of seconds from 0.001"],
  ["worker h.ts --drain-timeout 0", "a number of seconds from 0.001"],
  ["register --identify-timeout 0", "a number of seconds from 0.001"],
  ["gateway --max-unfinished 64k", "must be at least --max-message"],
  [
    "gateway --compression-level 9",
    "Cannot use --compression-level without --compression",
  ],
  [
    "gateway --forwarded-header Forwarded",
    "Cannot use --forwarded-header without --trusted-proxies",
  ],
  [
    "gateway --forwarded-header Forwarded --proxy-protocol --trusted-proxies 10.0.0.1",
    "Cannot use --forwarded-header with --proxy-protocol",
  ],
  [
    "gateway --trusted-proxies 10.0.0.1 --forwarded-header a:b",
    "the name of a header",
  ],
  ["gateway --address-prefix 0", "a whole number from 1 to 128"],
  ["start h.ts --compression-context-takeover", "without --compression"],
];

for (const [args, piece] of REFUSED) {
  Deno.test(`runProgram() refuses "${args}" in one line, with exit code 2`, async () => {
    const { code, errors } = await run(args.split(" "));

    assertEquals([code, errors.trim().split("\n").length], [2, 1], errors);
    assertStringIncludes(errors, piece);
  });
}

for (
  const [name, token, piece] of [
    ["a line break at its end", "s3cret\n", "ends with white space"],
    ["a space at its end", "s3cret ", "ends with white space"],
    ["a space in it", "my s3cret", "has white space in it"],
    ["nothing but blanks", "  ", "nothing but white space"],
    ["letters beyond ASCII", "s3crät", "other than visible ASCII"],
    ["nothing", "", "it is empty"],
  ] as const
) {
  Deno.test(`runProgram() refuses a token of ${name}, and does not show it`, async () => {
    for (const command of ["register", "api"]) {
      const env = { GATEWAYWORKER_API_TOKEN: token };
      const { code, errors } = await run([command], env);

      assertEquals([code, errors.trim().split("\n").length], [2, 1], errors);
      assertStringIncludes(errors, "Cannot use GATEWAYWORKER_API_TOKEN");
      assertStringIncludes(errors, piece);
      assertEquals(/s3cr/.test(errors), false);
    }
  });
}

Deno.test("runProgram() refuses an empty key in the environment, unless there is a file or a supervisor", async () => {
  const env = { GATEWAYWORKER_SECRET_KEY: "" };

  const refused = await run(["register"], env);
  const withFile = await run(["register", "--secret-key-file=deno.json"], env);
  const supervised = await run(["register", "--supervised"], env);

  assertEquals(refused.code, 2);
  assertStringIncludes(
    refused.errors,
    "Cannot use GATEWAYWORKER_SECRET_KEY as it must be a key",
  );
  assertEquals([withFile.code, supervised.code], [0, 0]);
});

Deno.test("runProgram() takes what is unusual and works", async () => {
  for (
    const args of [
      "gateway --origins null,capacitor://localhost,http://localhost:5173,HTTPS://*.Example.com,https://[::1]:8443",
      "gateway --cert deno.json --key deno.json",
      "gateway --cert deno.json --key deno.json --listen wss://a:1",
      "gateway --compression --compression-level=9",
      "gateway --authorize https://example.com/authorize.ts",
      "worker h.ts --worker-permissions=",
      "worker h.ts --worker-permissions=-A",
      "gateway --max-header-size 256 --handshake-timeout 0.001",
      "api --api-token=s3cret!~",
    ]
  ) {
    assertEquals(await run(args.split(" ")), { code: 0, errors: "" }, args);
  }
  const [one, other] = ["--allow-net=a:1 --deny-read=b", "-R=data --no-prompt"];
  for (const permissions of [one, other]) {
    const args = ["worker", "h.ts", "--worker-permissions", permissions];
    assertEquals(await run(args), { code: 0, errors: "" }, permissions);
  }
});
