/**
 * Which room of `lib/` may know which, who may touch a socket, and how long a
 * file may be.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** The rooms of `lib/`, and what each may import from. */
const BELOW: Record<string, readonly string[]> = {
  client: [],
  contract: ["client"],
  base: ["deno.json"],
  observe: ["base"],
  php: ["base"],
  peer: ["base", "observe"],
  nats: ["base", "observe", "wire"],
  wire: ["base", "peer"],
  original: ["base", "observe", "peer", "wire", "php"],
  link: ["base", "observe", "peer", "wire"],
  roster: ["base", "observe", "peer"],
  transport: ["base", "observe", "client"],
  process: ["base", "observe"],
  cluster: [
    "base",
    "observe",
    "peer",
    "wire",
    "nats",
    "original",
    "link",
    "roster",
    "contract",
  ],
  register: ["base", "observe", "peer", "roster"],
  gateway: [
    "base",
    "observe",
    "php",
    "peer",
    "wire",
    "link",
    "roster",
    "transport",
  ],
  worker: [
    "base",
    "observe",
    "peer",
    "wire",
    "original",
    "link",
    "roster",
    "client",
    "contract",
    "cluster",
  ],
  bridge: [
    "base",
    "observe",
    "peer",
    "wire",
    "link",
    "nats",
    "cluster",
  ],
  testing: [
    "base",
    "peer",
    "wire",
    "link",
    "transport",
    "cluster",
    "gateway",
    "worker",
  ],
  admin: ["base", "observe", "wire", "cluster"],
  dashboard: ["base", "observe", "wire", "cluster", "admin"],
  cli: [
    "base",
    "observe",
    "peer",
    "wire",
    "roster",
    "original",
    "nats",
    "transport",
    "process",
    "cluster",
    "admin",
    "dashboard",
    "register",
    "gateway",
    "worker",
    "bridge",
    "deno.json",
  ],
};

/**
 * The wings of a room, from the ground up: each may import from those before it. The
 * files of the room itself are the wing `""`.
 */
const WINGS: Record<string, readonly string[]> = {
  client: ["sse", "", "presence", "tabs", "trace"],
  wire: ["", "bodies"],
  transport: [
    "",
    "outgoing",
    "admission",
    "http",
    "socket",
    "protocols",
    "websocket/frames",
    "websocket/deflate",
    "websocket",
    "lasting",
    "events",
    "listener",
  ],
  gateway: [
    "workers",
    "clients",
    "presence",
    "delivery",
    "commands",
    "moves",
    "php",
    "",
  ],
  worker: ["handler", "events", "presence", ""],
  bridge: ["cells", "home", "streams", "pushes", ""],
  cli: ["print", "options", "ask", "world", "init", "run", "roles", "commands"],
};

/** The rooms that open sockets; in `process` it is the control socket. */
const OPENS_SOCKETS = [
  "transport",
  "peer",
  "roster",
  "register",
  "process",
  "admin",
];

/** Most lines of a file, all counted. */
const MAX_LINES = 400;

/**
 * Who asks for the time of day, which somebody may set: for people to read, and for
 * logins, which outlive their workers. A duration is measured with `now()`.
 */
const TIMES_OF_DAY = [
  "lib/dashboard/assets/clients.js: Date.now",
  "lib/dashboard/assets/clock.js: Date.now",
  "lib/dashboard/assets/format.js: Date.now",
  "lib/bridge/cells/election.ts: Date.now",
  "lib/bridge/switch.ts: Date.now",
  "lib/cli/commands/refuse_command.ts: Date.now",
  "lib/cluster/exclusive_login.ts: Date.now",
  "lib/cluster/pusher.ts: Date.now",
  "lib/cluster/refuser.ts: Date.now",
  "lib/dashboard/cluster_watch.ts: Date.now",
  "lib/gateway/clients/expiry.ts: Date.now",
  "lib/gateway/commands/taps.ts: Date.now",
  "lib/link/refusal_list.ts: Date.now",
  "lib/register/register.ts: Date.now",
  "lib/transport/http/http_answer.ts: new Date()",
  "lib/wire/bodies/tap.ts: Date.now",
  "lib/worker/presence/roll.ts: Date.now",
];

/** A file of the package. */
interface SourceFile {
  /** From the top of the checkout, such as `lib/base/errors.ts`. */
  readonly path: string;
  /** The folder below `lib/`; empty outside of it. */
  readonly room: string;
  readonly text: string;
}

/** What is written into a new project, and is no part of this one. */
const TEMPLATES = "lib/cli/init/files";

async function* sourceFiles(folder: string): AsyncGenerator<SourceFile> {
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + entry.name;
    if (path === TEMPLATES) continue;
    if (entry.isDirectory) yield* sourceFiles(`${path}/`);
    else yield await sourceFile(path);
  }
}

async function sourceFile(path: string): Promise<SourceFile> {
  const text = await Deno.readTextFile(new URL(path, ROOT));
  return { path, room: /^lib\/(\w+)\//.exec(path)?.[1] ?? "", text };
}

/** The files of `lib/` in which `isWrong` finds something, with what it found. */
async function wrongFiles(
  isWrong: (file: SourceFile) => Iterable<string>,
): Promise<string[]> {
  const found: string[] = [];
  for await (const file of sourceFiles("lib/")) {
    for (const what of isWrong(file)) found.push(`${file.path}: ${what}`);
  }
  return found;
}

/** Drops comments, whose examples import what the code does not. */
function withoutComments(source: string): string {
  return source.replaceAll(/^\s*(\/\*|\*|\/\/).*$/gm, "")
    .replaceAll(/\s\/\/ .*$/gm, "");
}

/** Everything a source imports or passes on, at load or later. */
function importsOf(source: string): string[] {
  const specifiers = withoutComments(source)
    .matchAll(/\b(?:from|import)\s*\(?\s*["'`]([^"'`]*)["'`]/g);
  return [...specifiers].map(([, specifier = ""]) => specifier);
}

/** The file that a relative import leads to, from the top of the checkout. */
function targetOf(specifier: string, path: string): string {
  return new URL(specifier, new URL(path, ROOT)).href.slice(ROOT.href.length);
}

/** The room that a relative import leads to; outside of `lib/`, the file. */
function roomOf(specifier: string, path: string): string {
  const target = targetOf(specifier, path);
  return /^lib\/(\w+)\//.exec(target)?.[1] ?? target;
}

/** The wing of a file in its room, and the file from there. */
function wingOf(path: string): { wing: string; file: string } {
  const [, , ...parts] = path.split("/");
  return { wing: parts.slice(0, -1).join("/"), file: parts.join("/") };
}

/** What a file imports of a wing of its room that is not below its own. */
function* importsFromUpperWings(
  { path, room, text }: SourceFile,
): Generator<string> {
  const wings = WINGS[room] ?? [""];
  for (const specifier of importsOf(text)) {
    if (!specifier.startsWith(".") || roomOf(specifier, path) !== room) {
      continue;
    }
    const { wing, file } = wingOf(targetOf(specifier, path));
    if (wings.indexOf(wing) > wings.indexOf(wingOf(path).wing)) yield file;
  }
}

/** All that a file imports, and what that imports, and so on. */
function reachedFrom(
  start: string,
  imports: ReadonlyMap<string, readonly string[]>,
): Set<string> {
  const reached = new Set<string>();
  const waiting = [...imports.get(start) ?? []];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    waiting.push(...imports.get(file) ?? []);
  }
  return reached;
}

/** The files that reach each other, one line for each circle or knot of circles. */
function circlesOf(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const reached = new Map<string, Set<string>>();
  for (const file of imports.keys()) {
    reached.set(file, reachedFrom(file, imports));
  }
  const circles = new Set<string>();
  for (const [file, others] of reached) {
    if (!others.has(file)) continue;
    const circle = [...others].filter((other) => reached.get(other)?.has(file));
    circles.add(circle.sort().join(", "));
  }
  return [...circles].sort();
}

function* importsFromAbove(
  { path, room, text }: SourceFile,
): Generator<string> {
  const allowed = [room, ...BELOW[room] ?? []];
  for (const specifier of importsOf(text)) {
    const isOurs = /^\.{0,2}\/|^file:|^@gatewayworker\//.test(specifier);
    const isBelow = specifier.startsWith(".") &&
      allowed.includes(roomOf(specifier, path));
    if (isOurs && !isBelow) yield specifier;
  }
}

/** Finds `pattern` in the code of a file, not in its comments. */
function named(pattern: RegExp): (file: SourceFile) => string[] {
  return ({ text }) => withoutComments(text).match(pattern) ?? [];
}

Deno.test("lib/ has the listed rooms and nothing beside them", async () => {
  const entries = await Array.fromAsync(Deno.readDir(new URL("lib/", ROOT)));

  assertEquals(
    entries.map(({ name }) => name).sort(),
    Object.keys(BELOW).sort(),
  );
});

Deno.test("every room of lib/ imports only from below", async () => {
  assertEquals(await wrongFiles(importsFromAbove), []);
});

Deno.test("every wing of a room imports only from those below it", async () => {
  assertEquals((await wrongFiles(importsFromUpperWings)).sort(), []);
});

Deno.test("no files of lib/ import each other in a circle, not even types", async () => {
  const imports = new Map<string, readonly string[]>();
  for await (const { path, text } of sourceFiles("lib/")) {
    const specifiers = importsOf(text).filter((name) => name.startsWith("."));
    imports.set(path, specifiers.map((name) => targetOf(name, path)));
  }

  assertEquals(circlesOf(imports), []);
});

Deno.test("circlesOf() finds who comes back to itself, and nobody else", () => {
  const imports = new Map([
    ["top", ["a", "d"]],
    ["a", ["b"]],
    ["b", ["c", "d"]],
    ["c", ["a"]],
    ["d", ["e"]],
    ["e", ["d", "gone"]],
    ["f", []],
  ]);

  assertEquals(circlesOf(imports), ["a, b, c", "d, e"]);
});

Deno.test("every room has the listed wings and nothing beside them", async () => {
  const found: Record<string, Set<string>> = {};
  for await (const { path, room } of sourceFiles("lib/")) {
    if (path.endsWith(".ts")) {
      (found[room] ??= new Set()).add(wingOf(path).wing);
    }
  }

  for (const [room, wings] of Object.entries(found)) {
    assertEquals([...wings].sort(), [...WINGS[room] ?? [""]].sort(), room);
  }
});

Deno.test("tests/unit has no folder that lib/ has not, those of the tests' own tools aside", async () => {
  const foldersOf = async (top: string) => {
    const folders = new Set<string>();
    for await (const { path } of sourceFiles(top)) {
      folders.add(path.slice(top.length).split("/").slice(0, -1).join("/"));
    }
    return folders;
  };
  const tested = await foldersOf("tests/unit/");

  assertEquals(
    [...tested.difference(await foldersOf("lib/"))].sort(),
    ["", "bench", "chaos"],
  );
});

Deno.test("lib/ names its packages, and imports nothing by address", async () => {
  const wrong = await wrongFiles(({ text }) =>
    importsOf(text).filter((specifier) => /^(npm|jsr|https?):/.test(specifier))
  );

  assertEquals(wrong, []);
});

Deno.test("no package runs a build script, nor does the first start warn of one", async () => {
  const read = async (name: string) =>
    JSON.parse(await Deno.readTextFile(new URL(name, ROOT)));
  const { npm } = await read("deno.lock");
  const { allowScripts } = await read("deno.json");
  const withScripts = Object.keys(npm).filter((name) => npm[name].scripts)
    .map((name) => `npm:${name.replace(/(?<=.)@.*$/, "")}`);

  assertEquals(allowScripts, { deny: withScripts });
});

Deno.test("only lib/wire/body.ts imports cbor-x", async () => {
  const importers = await wrongFiles(({ text }) =>
    importsOf(text).filter((specifier) => specifier.startsWith("cbor-x"))
  );

  assertEquals(importers, ["lib/wire/body.ts: cbor-x/encode"]);
});

Deno.test("only the rooms that talk to others open sockets", async () => {
  const opens = named(
    /\bDeno\.(listen|connect|startTls|serve)\w*|\bnew WebSocket\b|(?<!^import type .*)"node:(tls|https?|dgram)"|^import (?!type |\{ (?:BlockList, )?isIP(v[46])? \}).*"node:net"/gm,
  );
  const wrong = await wrongFiles((file) =>
    OPENS_SOCKETS.includes(file.room) ? [] : opens(file)
  );

  assertEquals(wrong, []);
});

Deno.test("lib/ never writes to the console", async () => {
  assertEquals(await wrongFiles(named(/\bconsole\b/g)), []);
});

Deno.test("only lib/base/clock.ts measures how long something takes", async () => {
  const clocks = await wrongFiles(
    named(/\b(Date|performance)\.now\b|\bnew Date\(\)/g),
  );

  assertEquals(
    clocks.sort(),
    [
      ...TIMES_OF_DAY,
      "lib/base/clock.ts: performance.now",
      // A page's own.
      "lib/dashboard/assets/clock.js: performance.now",
    ].sort(),
  );
});

Deno.test("no file of the package is longer than 400 lines", async () => {
  const outside = await Promise.all(["mod.ts", "cli.ts"].map(sourceFile));
  const isLong = ({ text }: SourceFile) =>
    text.split("\n").length - 1 > MAX_LINES ? ["too long"] : [];

  assertEquals(outside.flatMap(isLong), []);
  assertEquals(await wrongFiles(isLong), []);
});

Deno.test("importsOf() finds every way to import, and none in comments", () => {
  const source = [
    `import { a } from "./a.ts";`,
    `import {\n  b,\n} from "../b.ts"; // as from "./x.ts"`,
    `import type { C } from "c";`,
    `import "./d.ts";`,
    `export * from "./e.ts";`,
    `const f = await import("./f.ts");`,
    `/** from "./x.ts" */`,
    `/**\n * import { x } from "./x.ts";\n */`,
  ].join("\n");

  assertEquals(
    importsOf(source),
    ["./a.ts", "../b.ts", "c", "./d.ts", "./e.ts", "./f.ts"],
  );
});

Deno.test("importsFromAbove() finds imports of rooms that are not below", () => {
  const text = `
    import "./link.ts";
    import "../base/errors.ts";
    import "../cluster/mod.ts";
    import "../../mod.ts";
    import "@gatewayworker/core/worker";
    import "@logtape/logtape";
  `;

  assertEquals([
    ...importsFromAbove({ path: "lib/link/a.ts", room: "link", text }),
  ], ["../cluster/mod.ts", "../../mod.ts", "@gatewayworker/core/worker"]);
});
