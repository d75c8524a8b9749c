import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import {
  ask,
  clientUrl,
  handlerPath,
  registerAddress,
  runCommand,
  startAll,
} from "../_support/commands.ts";
import {
  allGone,
  CLI,
  getAvailablePorts,
  isRunning,
  pidIn,
  startCli,
  TestProcess,
} from "../_support/processes.ts";

function startWithNetOnly(args: string[]): TestProcess {
  const permissions = ["--no-prompt", "--allow-net=127.0.0.1"];
  return new TestProcess([
    Deno.execPath(),
    "run",
    ...permissions,
    CLI,
    ...args,
  ]);
}

Deno.test("start runs all roles, says so in a line each, and stops with exit code 0", async () => {
  await using process = startAll(handlerPath("lively"), ["--workers=2"]);

  const url = await clientUrl(process);
  const answer = await ask(url);
  const ready = process.out.filter((line) => / ready: /.test(line));
  process.signal("SIGTERM");
  const code = await process.code();

  assertEquals(code, 0);
  assertEquals(
    ready.map((line) => line.split(" ")[0]).toSorted(),
    ["All", "Gateway", "Register", "Worker", "Worker"],
  );
  const pids = ready.slice(0, 4).map(pidIn);
  assert(pids.map((pid) => `pid ${pid}`).includes(answer));
  await allGone(pids);
});

Deno.test("start passes on what a handler prints", async () => {
  await using process = startAll(handlerPath("lively"), ["--workers=1"]);

  await clientUrl(process);

  assertEquals(
    process.out.filter((line) => line === "handler loaded").length,
    1,
  );
});

Deno.test("start starts every role again that is killed", async () => {
  await using process = startAll(handlerPath("lively"), ["--workers=1"]);
  await clientUrl(process);

  for (const role of ["Register", "Worker", "Gateway"]) {
    const pattern = new RegExp(`^${role} ready`);
    Deno.kill(pidIn(await process.line(pattern)), "SIGKILL");
    const [before = "", after = ""] = await process.lines(pattern, 2);
    assertNotEquals(pidIn(before), pidIn(after));
  }
});

Deno.test("start leaves no process behind when it is killed", async () => {
  await using process = startAll(handlerPath("lively"), ["--workers=2"]);
  await clientUrl(process);
  const pids = process.out.filter((line) => /\(pid \d+\)/.test(line)).map(
    pidIn,
  );

  process.signal("SIGKILL");

  assertEquals(pids.length, 4);
  await allGone(pids);
});

Deno.test("start stops at once at the second signal", async () => {
  await using process = startAll(handlerPath("stubborn"), ["--workers=1"]);
  await clientUrl(process);
  const pids = process.out.filter((line) => /\(pid \d+\)/.test(line)).map(
    pidIn,
  );

  process.signal("SIGINT");
  await process.errorLines(/Stopping/, 1);
  const code = await process.insist("SIGINT");

  assertEquals(code, 1);
  await allGone(pids);
});

Deno.test("start replaces the workers at SIGHUP, and nothing else", async () => {
  await using process = startAll(handlerPath("lively"), ["--workers=2"]);
  const url = await clientUrl(process);
  const old = (await process.lines(/^Worker ready/, 2)).map(pidIn);

  process.signal("SIGHUP");
  const workers = (await process.lines(/^Worker ready/, 4)).map(pidIn);
  await process.errorLines(/Reloaded the workers/, 1);

  assertEquals(old.some(isRunning), false);
  const answer = await ask(url);
  assert(workers.slice(2).map((pid) => `pid ${pid}`).includes(answer));
  assertEquals(
    process.out.filter((line) => /^Gateway ready/.test(line)).length,
    1,
  );
});

Deno.test("start tells in one line that there is no such handler, and starts nothing", async () => {
  const { code, out, errors } = await runCommand([
    "start",
    "no/such/handler.ts",
  ]);

  assertEquals(code, 1);
  assertEquals(out, []);
  assertEquals(errors.length, 1);
  assertStringIncludes(
    errors[0] ?? "",
    'Cannot load handler "no/such/handler.ts"',
  );
});

for (
  const [name, message, lines] of [
    [
      "no_default",
      "as its default export must be a function: found no default export",
      1,
    ],
    // A line of the log, the stack, and what it comes to.
    ["broken", "RangeError: the handler is broken at file:", 3],
  ] as const
) {
  Deno.test(`start ends with exit code 1 when the handler is ${name}`, async () => {
    await using process = startAll(handlerPath(name), ["--log-level=error"]);

    assertEquals(await process.code(), 1);
    assertEquals(process.errors.length, lines);
    assertStringIncludes(process.errors.at(-1) ?? "", message);
  });

  Deno.test(`worker ends with exit code 1 when the handler is ${name}`, async () => {
    const { code, errors } = await runCommand(["worker", handlerPath(name)]);

    assertEquals(code, 1);
    assertEquals(errors.length, lines);
    assertStringIncludes(errors.at(-1) ?? "", message);
  });
}

Deno.test("gateway and worker say if nobody knows of them when they are ready", async () => {
  const nobody = "--register=127.0.0.1:9";
  const listen = ["--listen=ws://127.0.0.1:0", "--start-port=0"];
  await using gateway = startCli(["gateway", "--alone", nobody, ...listen]);
  await using worker = startCli([
    "worker",
    handlerPath("gated"),
    "--alone",
    nobody,
  ]);

  await gateway.line(/^Gateway ready: .*; no Register has answered yet$/);
  await worker.line(/^Worker ready: .*; no Register has answered yet$/);
});

Deno.test("register, gateway and start tell in one line that a port is taken", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const quiet = "--log-level=error";

  for (
    const args of [
      ["register", `--register-listen=${address}`],
      ["gateway", `--listen=ws://${address}`, "--start-port=0", quiet],
      [
        "gateway",
        `--listen=ws://${address}`,
        "--start-port=0",
        "--count=2",
        quiet,
      ],
      [
        "gateway",
        "--listen=ws://127.0.0.1:0",
        `--start-port=${taken.addr.port}`,
        quiet,
      ],
      ["start", handlerPath("lively"), `--register=${address}`],
    ]
  ) {
    const { code, errors } = await runCommand(args);

    assertEquals([args, code, errors.length], [args, 1, 1]);
    assertMatch(errors[0] ?? "", /^Cannot start .*(in use|Address already)/);
    assertStringIncludes(errors[0] ?? "", String(taken.addr.port));
  }
});

Deno.test("register, gateway and worker run alone and stop at SIGINT with exit code 0", async () => {
  const register = registerAddress();
  await using first = startCli(["register", `--register-listen=${register}`]);
  await using second = startCli([
    "gateway",
    "--listen=ws://127.0.0.1:0",
    "--start-port=0",
    `--register=${register}`,
  ]);
  await using third = startCli([
    "worker",
    handlerPath("lively"),
    `--register=${register}`,
  ]);
  await first.line(new RegExp(`^Register ready: on ${register} `));
  const gateway = await second.line(
    /^Gateway ready: clients on ws:.*, workers on /,
  );
  const worker = await third.line(
    /^Worker ready: handler .*lively.ts, register /,
  );

  const answer = await ask(/ws:[^,]+/.exec(gateway)?.[0] ?? "");
  for (const process of [third, second, first]) process.signal("SIGINT");
  const codes = await Promise.all([first.code(), second.code(), third.code()]);

  assertEquals(answer, `pid ${pidIn(worker)}`);
  assertEquals(codes, [0, 0, 0]);
});

Deno.test("gateway --count 2 shares the client port and counts up the port for workers", async () => {
  const port = getAvailablePorts(1);
  const startPort = getAvailablePorts(2);
  await using process = startCli([
    "gateway",
    "--count=2",
    `--listen=ws://127.0.0.1:${port}`,
    `--start-port=${startPort}`,
    `--register=${registerAddress()}`,
  ]);

  const lines = (await process.lines(/^Gateway ready/, 2)).join("\n");
  const summary = await process.line(/^All ready/);

  assertStringIncludes(lines, `workers on 127.0.0.1:${startPort} `);
  assertStringIncludes(lines, `workers on 127.0.0.1:${startPort + 1} `);
  assertEquals(
    summary,
    `All ready: ws://127.0.0.1:${port}  (stop with Ctrl-C)`,
  );
});

Deno.test("start keeps the secret key off the command lines of its children", async () => {
  await using process = startAll(handlerPath("lively"), ["--workers=1"], {
    env: { GATEWAYWORKER_SECRET_KEY: "a secret nobody reads" },
  });
  const answer = await ask(await clientUrl(process));
  const pids = process.out.filter((line) => /\(pid \d+\)/.test(line)).map(
    pidIn,
  );

  const commands = pids.map((pid) =>
    Deno.readTextFileSync(`/proc/${pid}/cmdline`)
  );

  assertMatch(answer, /^pid \d+$/);
  assertEquals(commands.length, 3);
  assertFalse(commands.some((command) => command.includes("nobody")));
  assertFalse(process.errors.some((line) => line.includes("nobody")));
});

Deno.test("start lists all mistakes of flags, environment and file, and starts nothing", async () => {
  const config = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(
    config,
    JSON.stringify({ lanip: "10.0.0.1", pingInterval: "often", workers: 0 }),
  );

  const { code, out, errors } = await runCommand(
    [
      "start",
      handlerPath("lively"),
      `--config=${config}`,
      "--listne=x",
      "--send-buffer=lots",
    ],
    { env: { GATEWAYWORKER_REGISTER: "nowhere" } },
  );
  await Deno.remove(config);

  assertEquals(code, 2);
  assertEquals(out, []);
  assertEquals(errors.length, 6);
  const text = errors.join("\n");
  assertStringIncludes(
    text,
    'Cannot use --listne as "start" has no such option: did you mean "--listen"?',
  );
  assertStringIncludes(
    text,
    `"lanip" in ${config} as there is no such option: did you mean "lanIp"?`,
  );
  assertStringIncludes(
    text,
    `"pingInterval" in ${config} as it must be a number of seconds`,
  );
  assertStringIncludes(
    text,
    `"workers" in ${config} as it must be a whole number`,
  );
  assertStringIncludes(
    text,
    "Cannot use --send-buffer as it must be a number of bytes",
  );
  assertStringIncludes(
    text,
    'Cannot use GATEWAYWORKER_REGISTER as it must be "host:port"',
  );
});

Deno.test("--log-format json makes every line JSON", async () => {
  await using process = startAll(handlerPath("lively"), [
    "--workers=1",
    "--log-format=json",
  ]);

  await process.errorLines(/All ready/, 1);
  process.signal("SIGTERM");
  await process.code();

  const lines = process.errors.map((line) => JSON.parse(line));
  assert(lines.every(({ time, level, message }) => time && level && message));
  assertEquals(process.out, ["handler loaded"]);
});

Deno.test("register and gateway need no permission but the network", async () => {
  const register = registerAddress();
  const gateway = [
    "gateway",
    "--alone",
    "--listen=ws://127.0.0.1:0",
    "--start-port=0",
  ];

  await using first = startWithNetOnly([
    "register",
    `--register-listen=${register}`,
  ]);
  await using second = startWithNetOnly([...gateway, `--register=${register}`]);

  await first.line(/^Register ready/);
  await second.line(/^Gateway ready/);
});
