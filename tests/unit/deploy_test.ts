/**
 * What examples/deploy says, by the tools that read it where they are here, and by our
 * own command line.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const DEPLOY = new URL("examples/deploy/", ROOT);
const CHART = "kubernetes/gatewayworker";
const UNITS = ["register", "gateway", "worker"];

/** Helm is where this says, or on the path; `deno task deploy` fetches it. */
const HELM = Deno.env.get("HELM") ?? "helm";

/** So is a linter of container files. */
const DOCKERFILELINT = Deno.env.get("DOCKERFILELINT") ?? "dockerfilelint";

/** Files of YAML that are no templates. */
const YAML = [
  "compose/one-machine.yaml",
  "compose/three-machines.yaml",
  "prometheus/rules.yaml",
  "prometheus/rules_test.yaml",
  "render/render.yaml",
  `${CHART}/Chart.yaml`,
  `${CHART}/values.yaml`,
];

/** What yamllint looks at: its defaults, but for the width of lines and braces. */
const YAML_RULES =
  "{extends: default, rules: {line-length: disable, document-start: disable, braces: {max-spaces-inside: 1}, comments: {min-spaces-from-content: 1}, truthy: disable, indentation: {indent-sequences: whatever}}}";

async function run(
  program: string,
  args: string[],
  cwd = DEPLOY,
  env: Record<string, string> = {},
): Promise<{ code: number; output: string }> {
  const command = new Deno.Command(program, {
    args,
    cwd,
    env: { NO_COLOR: "1", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Whether a program can be run; says so where it cannot. */
function isThere(program: string, arg: string): boolean {
  try {
    return new Deno.Command(program, { args: [arg] }).outputSync().success;
  } catch {
    return false;
  }
}

async function* files(folder: URL): AsyncGenerator<URL> {
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
    if (entry.isDirectory) yield* files(url);
    else yield url;
  }
}

Deno.test("deployments name no option that the command line does not have", async () => {
  const page = await Deno.readTextFile(new URL("docs/options.md", ROOT));
  const ours = new Set([...page.matchAll(/`(--[a-z-]+)/g)].map(([, o]) => o));
  const theirs = new Set(["--cached-only", "--frozen"]);
  for await (const file of files(DEPLOY)) {
    const text = (await Deno.readTextFile(file)).replaceAll(/^\s*#.*$/gm, "");
    for (const line of text.split("\n")) {
      if (!/cli\.ts|^\s*- --|--lan-ip|command:|args:|app =/.test(line)) {
        continue;
      }
      for (const [option] of line.matchAll(/--[a-z][a-z-]+/g)) {
        const isKnown = theirs.has(option) || ours.has(option);
        assert(isKnown, `${file.pathname} names ${option}`);
      }
    }
  }
});

Deno.test("the configuration files of the units are taken by the command line", async () => {
  await Promise.all(UNITS.map(async (role) => {
    const { code, output } = await run(Deno.execPath(), [
      ...["run", "-A", new URL("cli.ts", ROOT).pathname, "config"],
      ...["--config", `systemd/${role}.json`],
    ]);
    assertEquals(code, 0, output);
  }));
});

Deno.test("alerts ask for metrics that there are", async () => {
  const page = await Deno.readTextFile(new URL("docs/metrics.md", ROOT));
  const rules = await Deno.readTextFile(
    new URL("prometheus/rules.yaml", DEPLOY),
  );
  const asked = [...rules.matchAll(/gatewayworker_[a-z_]+/g)].map(([m]) => m);
  assert(asked.length > 12);
  for (const metric of asked) {
    assertStringIncludes(page, `\`${metric.replace(/_bucket$/, "")}\``);
  }
});

Deno.test({
  name: "systemd finds nothing wrong with the units (needs systemd-analyze)",
  ignore: !isThere("systemd-analyze", "--version"),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const units = UNITS.map((role) => `gatewayworker-${role}.service`);
      for (const unit of units) {
        const url = new URL(`systemd/${unit}`, DEPLOY);
        const text = await Deno.readTextFile(url);
        // It looks whether the program is there.
        const here = text.replace("/usr/local/bin/deno", Deno.execPath());
        await Deno.writeTextFile(`${folder}/${unit}`, here);
      }
      const paths = units.map((unit) => `${folder}/${unit}`);
      const found = await run("systemd-analyze", ["verify", ...paths]);
      // It also complains of units of the machine, which are none of ours.
      const ours = found.output.split("\n")
        .filter((line) => line.includes("gatewayworker-"));
      assertEquals(ours, []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "promtool finds nothing wrong with the alerts (needs promtool)",
  ignore: !isThere("promtool", "--version"),
  async fn() {
    const tested = await run("promtool", [
      ...["test", "rules", "prometheus/rules_test.yaml"],
    ]);
    assertEquals(tested.code, 0, tested.output);
    const checked = await run("promtool", [
      ...["check", "rules", "prometheus/rules.yaml"],
    ]);
    assertEquals(checked.code, 0, checked.output);
  },
});

Deno.test({
  name:
    "yamllint finds nothing wrong with compose files, rules and values (needs yamllint)",
  ignore: !isThere("yamllint", "--version"),
  async fn() {
    const args = ["--strict", "-d", YAML_RULES, ...YAML];
    const { code, output } = await run("yamllint", args);
    assertEquals(code, 0, output);
  },
});

Deno.test({
  name:
    "docker-compose reads the files for one machine and for three (needs docker-compose)",
  ignore: !isThere("docker-compose", "--version"),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const files = ["one-machine", "three-machines"];
      await Promise.all(files.map(async (name) => {
        const url = new URL(`compose/${name}.yaml`, DEPLOY);
        const text = await Deno.readTextFile(url);
        const file = `${folder}/${name}.yaml`;
        // Debian's is of before files had names.
        await Deno.writeTextFile(file, text.replace(/^name: .*$/m, ""));
        const read = (env: Record<string, string>) => {
          const args = ["-f", file, "config", "--services"];
          return run("docker-compose", args, DEPLOY, env);
        };
        const [{ code, output }, without] = await Promise.all([
          read({ SECRET_KEY: "k", FIRST: "10.0.0.1" }),
          read({}),
        ]);
        assertEquals(code, 0, output);
        assertEquals(output.trim().split("\n").sort(), UNITS.toSorted());
        assert(without.code !== 0, without.output);
        assertStringIncludes(without.output, "SECRET_KEY");
      }));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "a linter finds nothing wrong with the Containerfile (needs dockerfilelint, or DOCKERFILELINT)",
  ignore: !isThere(DOCKERFILELINT, "--version"),
  async fn() {
    const url = new URL("container/Containerfile", DEPLOY);
    const text = await Deno.readTextFile(url);
    const defaults = [...text.matchAll(/^ARG (\w+)=(.+)$/gm)];
    // It knows no arguments of FROM.
    const plain = defaults.reduce(
      (told, [, name, value = ""]) =>
        told.replaceAll(`FROM \${${name}}`, `FROM ${value}`),
      text,
    );
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, plain);
      const { code, output } = await run(DOCKERFILELINT, [file]);
      assertEquals(code, 0, output);
    } finally {
      await Deno.remove(file);
    }
  },
});

/** A program that is a whole cluster, with a handler of its own. */
const WHOLE = `
import { BusinessWorker, Gateway, Register } from "@gatewayworker/core";
import handler from "./handler.ts";

await using register = await Register.start({ listen: "127.0.0.1:0" });
const registers = [\`127.0.0.1:\${register.addr.port}\`];
await using gateway = await Gateway.start({
  listen: ["ws://127.0.0.1:0"],
  register: registers,
  startPort: 0,
});
await using _worker = await BusinessWorker.start({ handler, register: registers });
const client = new WebSocket(\`ws://127.0.0.1:\${gateway.addr.port}/?name=ann\`);
client.onopen = () => client.send("hello");
const answer = await new Promise((resolve) => client.onmessage = resolve);
console.log(answer.data);
await new Promise((resolve) => {
  client.onclose = resolve;
  client.close();
});
`;

Deno.test({
  name:
    "deno bundle makes one file of a cluster, which runs where nothing else is (needs DEPLOY_BUNDLE: it fetches esbuild)",
  ignore: Deno.env.get("DEPLOY_BUNDLE") === undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const app = new URL(`file://${folder}/app/`);
      const cli = new URL("cli.ts", ROOT).pathname;
      const deno = Deno.execPath();
      const steps = [
        ["run", "-A", cli, "init", app.pathname],
        ["bundle", "--platform", "deno", "-o", "../one.js", "main.ts"],
      ];
      for (const [i, step] of steps.entries()) {
        if (i === 1) await Deno.writeTextFile(new URL("main.ts", app), WHOLE);
        const cwd = i === 0 ? DEPLOY : app;
        const { code, output } = await run(deno, step, cwd);
        assertEquals(code, 0, output);
      }
      await Deno.remove(app, { recursive: true });
      const bare = new URL(`file://${folder}/`);
      const args = ["run", "--no-prompt", "--allow-net", "one.js"];
      assertStringIncludes((await run(deno, args, bare)).output, "Hello ann");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** What the chart makes of some values. */
function render(...values: string[]) {
  const set = values.flatMap((value) => ["--set", value]);
  return run(HELM, ["template", "chat", CHART, ...set]);
}

Deno.test({
  name: "Helm finds nothing wrong with the chart (needs helm, or HELM)",
  ignore: !isThere(HELM, "version"),
  async fn(t) {
    await t.step("it lints", async () => {
      const { code, output } = await run(HELM, [
        ...["lint", "--strict", CHART, "--set", "secretKey.value=k"],
      ]);
      assertEquals(code, 0, output);
    });
    await t.step("with all of it on", async () => {
      const { code, output } = await render(
        ...["secretKey.existingSecret=key", "admin.tokenSecret=token"],
        ...["gateway.ingress.enabled=true", "gateway.ingress.host=a.example"],
        ...["worker.autoscaling.enabled=true", "gateway.options.resume=true"],
      );
      assertEquals(code, 0, output);
      for (
        const part of [
          "kind: Ingress",
          "kind: HorizontalPodAutoscaler",
          "kind: NetworkPolicy",
          "publishNotReadyAddresses: true",
          "terminationGracePeriodSeconds: 105",
          "cli.ts, drain, --rate=500/s]",
          '\\"resume\\": true',
        ]
      ) assertStringIncludes(output, part);
    });
    await t.step("its configuration is taken by the command line", async () => {
      const { output } = await render("secretKey.value=k");
      const folder = await Deno.makeTempDir();
      try {
        for (const role of UNITS) {
          const [, text] =
            output.match(new RegExp(`^  ${role}\\.json: (".*")$`, "m")) ?? [];
          assert(text !== undefined, role);
          const file = `${folder}/${role}.json`;
          await Deno.writeTextFile(file, JSON.parse(text));
          const { code, output: said } = await run(Deno.execPath(), [
            ...["run", "-A", new URL("cli.ts", ROOT).pathname, "config"],
            ...["--config", file],
          ]);
          assertEquals(code, 0, said);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
    await t.step("not without a key", async () => {
      const { code, output } = await render();
      assert(code !== 0);
      assertStringIncludes(output, "needs a key");
    });
    await t.step("the grace is counted from clients and rate", async () => {
      const { code, output } = await render(
        ...["secretKey.value=k", "gateway.maxConnections=10001"],
        ...["gateway.drainRate=100", "gateway.options.count=2"],
        ...["gateway.stopDelay=1", "gateway.closeTimeout=20"],
      );
      assertEquals(code, 0, output);
      // 20,002 clients at 100 a second, and 2 + 10 + 20 + 35.
      assertStringIncludes(output, "terminationGracePeriodSeconds: 268");
      assertStringIncludes(output, '\\"drainRate\\": 100');
    });
    await t.step("not with too short a grace", async () => {
      const { code, output } = await render(
        "secretKey.value=k",
        "gateway.terminationGracePeriodSeconds=104",
      );
      assert(code !== 0);
      assertStringIncludes(output, "a gateway may take 105 to go");
      assertStringIncludes(output, "30 for 15000 clients at 500 a second");
    });
    await t.step("not with a misspelt value", async () => {
      const { code, output } = await render("secretKey.value=k", "gatway.a=1");
      assert(code !== 0);
      assertStringIncludes(output, "gatway");
    });
  },
});
