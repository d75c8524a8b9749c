// deno-lint-ignore-file no-console -- a program: the report goes to standard output
/**
 * Runs the client library in other engines, each against a gateway and a worker, over
 * a cable that is cut and that falls silent: Firefox, WebKitGTK, Node and Bun.
 *
 *     deno task engines                  all of them; those that are missing are skipped
 *     deno task engines firefox bun      some
 *     deno task engines --no-websocket   the same where there is no WebSocket
 *
 * Firefox is Debian's firefox-esr; WebKitGTK its webkit2gtk-driver, xvfb and xauth.
 * Node 22 and Bun come from npm, by `npx`.
 *
 * @module
 */
import { Site } from "./site.ts";

/** Milliseconds that an engine has for all of it, the download by `npx` included. */
const PATIENCE = 180_000;

/** Whether engines are to do without a WebSocket. */
const HAS_NONE = Deno.args.includes("--no-websocket");

/** What every engine runs: tells what it hears, until it is told to end. */
const PROGRAM = `${HAS_NONE ? "delete globalThis.WebSocket;" : ""}
const socket = connect("ws://CABLE");
const tell = (line) => say(JSON.stringify(line));
socket.on("state", (state) => tell({ state }));
socket.on("message", (message) => tell({ message }));
socket.on("back", (back) => tell({ back }));
socket.on("fresh", (fresh) => tell({ fresh }));
socket.on("closed", (closed) => tell({ closed }));
socket.handle("download", () => location.href = "/file");
socket.handle("end", () => socket.close());
socket.request("sum", [1, 2]).then((answer) => tell({ answer }));
socket.send("hello").then(() => tell({ handled: "hello" }));
`;

const WEBKIT = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/** How an engine is started. */
interface Engine {
  /** The program that must be there. */
  readonly needs: string;
  /** Its command line. */
  command(work: string, page: string): string[];
  /** Whether it opens a page; else it runs a script. */
  readonly isBrowser: boolean;
  /** Whether it closes sockets for a download, though the page stays. */
  readonly hasRashDownloads?: boolean;
}

const ENGINES: Readonly<Record<string, Engine>> = {
  firefox: {
    needs: "/usr/bin/firefox-esr",
    command: (
      work,
      page,
    ) => ["firefox-esr", "--headless", "--no-remote", "--profile", work, page],
    isBrowser: true,
    hasRashDownloads: true,
  },
  webkit: {
    needs: WEBKIT,
    command: (_work, page) => ["xvfb-run", "-a", WEBKIT, page],
    isBrowser: true,
  },
  node: {
    needs: "/usr/bin/npx",
    command: (work) => ["npx", "-y", "node@22", `${work}/program.mjs`],
    isBrowser: false,
  },
  bun: {
    needs: "/usr/bin/npx",
    command: (work) => ["npx", "-y", "bun", `${work}/program.mjs`],
    isBrowser: false,
  },
};

/** Something that an engine told. */
type Line = Readonly<Record<string, unknown>>;

class Run implements AsyncDisposable {
  readonly lines: Line[] = [];
  readonly #stack = new AsyncDisposableStack();

  /** Starts an engine at a site. */
  static async start({ command, isBrowser }: Engine, site: Site): Promise<Run> {
    const run = new Run();
    const work = await Deno.makeTempDir();
    run.#stack.defer(() =>
      Deno.remove(work, { recursive: true }).catch(() => {})
    );
    const program = PROGRAM.replace("CABLE", site.cable.address);
    const library =
      `http://127.0.0.1:${site.cluster.gateway.addr.port}/client.js`;
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        if (request.method === "POST") run.lines.push(await request.json());
        if (request.url.endsWith("/file")) {
          return new Response("a file", {
            headers: { "content-disposition": "attachment" },
          });
        }
        return new Response(
          `<!doctype html><title>engine</title><script type="module">
import { connect } from "${library}";
let told = Promise.resolve();
const say = (body) => told = told.then(() => fetch("/", { method: "POST", body }));
${program}</script>`,
          { headers: { "content-type": "text/html" } },
        );
      },
    );
    const page = `http://127.0.0.1:${server.addr.port}/`;
    await Deno.writeTextFile(
      `${work}/client.mjs`,
      // Where the file is, this one is beside it, and is a module by its name.
      (await (await fetch(library)).text()).replace("./sse.js", "./sse.mjs"),
    );
    await Deno.writeTextFile(
      `${work}/sse.mjs`,
      await (await fetch(library.replace("/client.js", "/sse.js"))).text(),
    );
    await Deno.writeTextFile(
      `${work}/program.mjs`,
      `import { connect } from "./client.mjs";
let told = Promise.resolve();
const say = (body) => told = told.then(() => fetch("${page}", { method: "POST", body }));
${program}`,
    );
    const [name = "", ...args] = command(work, page);
    const child = new Deno.Command(name, {
      args,
      cwd: work,
      env: isBrowser ? { HOME: work } : {},
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    run.#stack.defer(() => server.shutdown());
    run.#stack.defer(async () => {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended.
      }
      await child.status;
    });
    return run;
  }

  /** Waits until it told something. */
  async heard(what: string, holds: (line: Line) => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE;
    while (!this.lines.some(holds)) {
      if (performance.now() > deadline) {
        throw new Error(`${what}: it told ${JSON.stringify(this.lines)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Takes an engine through connect, requests, a cut, silence and the end. */
async function tryEngine(engine: Engine): Promise<void> {
  await using site = await Site.start();
  await using run = await Run.start(engine, site);
  await run.heard("it opens", ({ state }) => state === "open");
  await run.heard("its message is handled", ({ handled }) => !!handled);
  await run.heard(
    "it hears the echo",
    ({ message }) => message === "echo hello",
  );
  await run.heard("it is answered", ({ answer }) => `${answer}` === "1,2");

  site.cable.cut();
  await run.heard("it notices the cut", ({ state }) => state === "away");
  site.outside.sendToAll("after the cut");
  await run.heard("it comes back", ({ back }) => !!back);
  await run.heard("it gets all", ({ message }) => message === "after the cut");

  if (engine.hasRashDownloads) {
    const before = run.lines.length;
    await site.outside.notify({ all: true }, "download");
    await run.heard(
      "it lost its socket",
      (line) => run.lines.indexOf(line) >= before && line["state"] === "away",
    );
    site.outside.sendToAll("after a download");
    await run.heard(
      "it gets all",
      ({ message }) => message === "after a download",
    );
  }

  const before = run.lines.length;
  site.cable.freeze();
  site.outside.sendToAll("into silence");
  await run.heard(
    "it notices silence",
    (line) => run.lines.indexOf(line) >= before && line["state"] === "away",
  );
  site.cable.thaw();
  await run.heard("it gets it", ({ message }) => message === "into silence");
  await site.outside.notify({ all: true }, "end");
  await run.heard("it ends", ({ closed }) => !!closed);
  const times = run.lines.filter(({ message }) => message === "into silence");
  if (times.length !== 1) throw new Error("A message came twice");
  if (run.lines.some(({ fresh }) => fresh)) throw new Error("It began anew");
}

if (import.meta.main) {
  const named = Deno.args.filter((it) => !it.startsWith("--"));
  const wanted = named.length > 0 ? named : Object.keys(ENGINES);
  for (const name of wanted) {
    const engine = ENGINES[name];
    if (engine === undefined) throw new TypeError(`No engine "${name}"`);
    try {
      await Deno.stat(engine.needs);
    } catch {
      console.log(`skip ${name}: ${engine.needs} is missing`);
      continue;
    }
    const start = performance.now();
    try {
      await tryEngine(engine);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(
        `ok   ${name}: connects, asks, comes back from a cut and from silence (${seconds} s)`,
      );
    } catch (error) {
      console.log(`FAIL ${name}: ${error}`);
      Deno.exitCode = 1;
    }
  }
  Deno.exit();
}
