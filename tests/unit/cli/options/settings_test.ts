import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  configName,
  envName,
  OPTION_KEYS,
  type OptionKey,
  OPTIONS,
  toConfigName,
} from "../../../../lib/cli/options/option_table.ts";
import {
  type Resolved,
  resolveSettings,
} from "../../../../lib/cli/options/settings.ts";

const KEYS: OptionKey[] = [
  "listen",
  "register",
  "lanIp",
  "startPort",
  "count",
  "secretKey",
  "secretKeyFile",
  "pingInterval",
  "maxMessage",
  "config",
  "supervised",
];

interface Given {
  flags?: Partial<Record<OptionKey, string[]>>;
  env?: Record<string, string>;
  files?: Record<string, string>;
}

function resolve(
  { flags = {}, env = {}, files = {} }: Given,
  keys = KEYS,
): Resolved {
  return resolveSettings(keys, {
    flag: (name) => new Map(Object.entries(flags)).get(toConfigName(name)),
    env: (name) => env[name],
    envNames: () => Object.keys(env),
    readText: (path) => {
      const text = files[path];
      if (text === undefined) throw new Deno.errors.NotFound(`no ${path}`);
      return text;
    },
    isMissing: (path) => files[path] === undefined,
  });
}

Deno.test("resolveSettings() gives every option its default", () => {
  const { settings, mistakes } = resolve({});

  assertEquals(mistakes, []);
  for (const [key, value] of Object.entries(settings)) {
    assertEquals([key, value], [key, OPTIONS[key as OptionKey].default]);
  }
});

Deno.test("resolveSettings() prefers flag to environment to file to default", () => {
  const flags = { config: ["a.json"], pingInterval: ["1"] };
  const env = {
    GATEWAYWORKER_PING_INTERVAL: "2",
    GATEWAYWORKER_LAN_IP: "10.0.0.2",
  };
  const files = {
    "a.json": '{ "pingInterval": 3, "lanIp": "10.0.0.3", "startPort": 3 }',
  };

  const { settings, mistakes } = resolve({ flags, env, files });

  assertEquals(mistakes, []);
  assertEquals(
    [settings.pingInterval, settings.lanIp, settings.startPort, settings.count],
    [1, "10.0.0.2", 3, 1],
  );
});

Deno.test("resolveSettings() reads lists with commas, repeated, and as JSON", () => {
  const expected = ["a:1", "b:2"];

  for (
    const given of [
      { flags: { register: ["a:1,b:2"] } },
      { flags: { register: ["a:1", "b:2"] } },
      { env: { GATEWAYWORKER_REGISTER: "a:1, b:2" } },
      {
        env: { GATEWAYWORKER_CONFIG: "c" },
        files: { c: '{ "register": ["a:1", "b:2"] }' },
      },
    ]
  ) {
    assertEquals(resolve(given).settings.register, expected);
  }
});

Deno.test("resolveSettings() lists every mistake with where it stands", () => {
  const { mistakes } = resolve({
    flags: { config: ["c.json"], lanIp: ["0.0.0.0"], register: ["a:1,b,c"] },
    env: { GATEWAYWORKER_COUNT: "none" },
    files: {
      "c.json":
        '{ "pingInterval": {}, "maxMessage": [1], "bogus": 1, "$schema": "x" }',
    },
  });

  assertEquals(mistakes.length, 7);
  const text = mistakes.join("\n");
  assertMatch(text, /--lan-ip as it must be .*: current value is "0.0.0.0"/);
  assertMatch(
    text,
    /--register .*: current value is "b"\n.*--register .*: current value is "c"/,
  );
  assertMatch(text, /GATEWAYWORKER_COUNT .*: current value is "none"/);
  assertMatch(text, /"pingInterval" in c.json .*: current value is "{}"/);
  assertMatch(text, /"maxMessage" in c.json .*: current value is "\[1\]"/);
  assertMatch(text, /"bogus" in c.json as there is no such option/);
});

Deno.test("resolveSettings() accepts a file that also sets options of other commands", () => {
  const flags = { config: ["c.json"] };

  const { mistakes } = resolve({ flags, files: { "c.json": '{"workers":2}' } });

  assertEquals(mistakes, []);
});

for (
  const [name, files, expected] of [
    ["is missing", {}, /c\.json cannot be read: no c\.json/],
    ["is no JSON", { "c.json": "{" }, /c\.json cannot be read: .*JSON/],
    ["holds no object", { "c.json": "[]" }, /must hold one JSON object/],
  ] as const
) {
  Deno.test(`resolveSettings() says so when the file ${name}`, () => {
    const { mistakes } = resolve({ flags: { config: ["c.json"] }, files });

    assertEquals(mistakes.length, 1);
    assertMatch(mistakes[0] ?? "", expected);
  });
}

Deno.test("resolveSettings() takes an empty variable for none", () => {
  const { settings, mistakes } = resolve({ env: { GATEWAYWORKER_COUNT: "" } });

  assertEquals([settings.count, mistakes], [1, []]);
});

Deno.test("resolveSettings() reads the secret key from its file, unless a key is nearer", () => {
  const files = { key: "from the file\n" };
  const fileInEnv = { GATEWAYWORKER_SECRET_KEY_FILE: "key" };
  const keyInEnv = { GATEWAYWORKER_SECRET_KEY: "from the environment" };

  const key = (given: Given) => resolve({ ...given, files }).settings.secretKey;

  assertEquals(key({ flags: { secretKeyFile: ["key"] } }), "from the file");
  assertEquals(
    key({ flags: { secretKeyFile: ["key"] }, env: keyInEnv }),
    "from the file",
  );
  assertEquals(
    key({ flags: { secretKey: ["from the flag"] }, env: fileInEnv }),
    "from the flag",
  );
  assertEquals(key({ env: keyInEnv }), "from the environment");
});

Deno.test("resolveSettings() rejects a key and a key file from the same place, and a missing file", () => {
  const both = resolve({
    flags: { secretKey: ["hush"], secretKeyFile: ["key"] },
    files: { key: "hush" },
  });
  const missing = resolve({ flags: { secretKeyFile: ["key"] } });

  assertEquals(both.mistakes, [
    "Cannot use both --secret-key and --secret-key-file: give one of them",
  ]);
  assertStringIncludes(
    missing.mistakes[0] ?? "",
    "Cannot use --secret-key-file",
  );
});

Deno.test("resolveSettings() rejects more gateways than ports are left", () => {
  const one = resolve({ flags: { startPort: ["65535"], count: ["1"] } });
  const good = resolve({ flags: { startPort: ["65532"], count: ["2"] } });
  const bad = resolve({ flags: { startPort: ["65533"], count: ["2"] } });

  assertEquals([one.mistakes, good.mistakes], [[], []]);
  // Those that take their places have ports, too.
  assertStringIncludes(bad.mistakes[0] ?? "", "4 ports from it on must exist");
});

Deno.test("resolveSettings() tells a supervised process by flags alone, but for the key", () => {
  const { settings } = resolve({
    flags: { supervised: ["true"], config: ["c.json"] },
    env: { GATEWAYWORKER_COUNT: "3", GATEWAYWORKER_SECRET_KEY: "hush" },
    files: { "c.json": '{ "startPort": 3 }' },
  });

  assertEquals(
    [settings.count, settings.startPort, settings.secretKey],
    [1, 2000, "hush"],
  );
});

Deno.test("envName() is the flag in capitals", () => {
  assertEquals(envName("lanIp"), "GATEWAYWORKER_LAN_IP");
  assertEquals(envName("registerListen"), "GATEWAYWORKER_REGISTER_LISTEN");
});

Deno.test("every option has one name, in kebab case as a flag and in camel case everywhere else", () => {
  for (const key of OPTION_KEYS) {
    const { flag, flagOnly } = OPTIONS[key];
    // What is no more than a flag may have that of another command's option.
    if (flag === undefined) assertEquals(configName(key), key);
    else assert(flagOnly);
  }
});

Deno.test("resolveSettings() lets one file hold where clients and where nodes come in", () => {
  const given = {
    flags: { config: ["c.json"] },
    files: {
      "c.json":
        '{ "listen": "ws://10.0.0.2:8282", "registerListen": "10.0.0.1:1236" }',
    },
  };

  const gateway = resolve(given);
  const register = resolve(given, ["registerListen", "config"]);

  assertEquals([gateway.mistakes, register.mistakes], [[], []]);
  assertEquals([gateway.warnings, register.warnings], [[], []]);
  assertEquals(gateway.settings.listen, ["ws://10.0.0.2:8282"]);
  assertEquals(register.settings.registerListen, "10.0.0.1:1236");
});

Deno.test("resolveSettings() takes an option by the name that it had, and warns", () => {
  const file = { "c.json": '{ "listen": "a:1" }' };
  for (
    const [given, where] of [
      [{ flags: { listen: ["a:1"] } }, "--listen"],
      [{ env: { GATEWAYWORKER_LISTEN: "a:1" } }, "GATEWAYWORKER_LISTEN"],
      [{ flags: { config: ["c.json"] }, files: file }, '"listen" in c.json'],
    ] as const satisfies [Given, string][]
  ) {
    const { settings, mistakes, warnings } = resolve(given, [
      "registerListen",
      "config",
    ]);

    assertEquals([settings.registerListen, mistakes], ["a:1", []]);
    assertEquals(warnings, [
      `${where} is called register-listen now, as in --register-listen and GATEWAYWORKER_REGISTER_LISTEN: the old name works until the next version`,
    ]);
  }
});

Deno.test("resolveSettings() leaves a former name to the option that has it now", () => {
  const env = { GATEWAYWORKER_LISTEN: "ws://a:1" };

  const { settings, mistakes, warnings } = resolve({ env }, ["registerListen"]);

  assertEquals([mistakes, warnings], [[], []]);
  assertEquals(settings.registerListen, OPTIONS.registerListen.default);
});

Deno.test("resolveSettings() warns of variables that are no options, of those of a Service once", () => {
  const env = {
    GATEWAYWORKER_LISTNE: "ws://a:1",
    GATEWAYWORKER_COLOUR: "blue",
    GATEWAYWORKER_STRAT_PORT: "2000",
    GATEWAYWORKER_WORKERS: "1",
    GATEWAYWORKER_PORT: "tcp://10.96.0.1:8282",
    GATEWAYWORKER_SERVICE_HOST: "10.96.0.1",
    GATEWAYWORKER_REGISTER_PORT_1236_TCP_ADDR: "10.96.0.2",
    HOME: "/root",
  };

  const { mistakes, warnings } = resolve({ env });
  const supervised = resolve({ env, flags: { supervised: ["true"] } });

  assertEquals([mistakes, supervised.warnings], [[], []]);
  assertEquals(warnings, [
    "Ignores GATEWAYWORKER_LISTNE as there is no such option: did you mean GATEWAYWORKER_LISTEN?",
    "Ignores GATEWAYWORKER_COLOUR as there is no such option",
    "Ignores GATEWAYWORKER_STRAT_PORT as there is no such option: did you mean GATEWAYWORKER_START_PORT?",
    "Ignores GATEWAYWORKER_PORT and 2 more: they look like what Kubernetes makes for a Service",
  ]);
});
