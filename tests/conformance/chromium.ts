// deno-lint-ignore-file no-console -- a program: the report goes to standard output
/**
 * Lets Chromium talk to the listeners of the suite, if it is installed:
 *
 *     deno task chromium
 *     CHROMIUM=/opt/chrome/chrome deno task chromium
 *
 * @module
 */
import type { Target } from "./run_case.ts";
import { startGateway } from "./targets.ts";

/** Most milliseconds that the page may take. */
const TIMEOUT = 30_000;

/** What the page does with each listener; its result comes back in a POST. */
const PAGE = `<!doctype html><script type="module">
const talk = (port) => new Promise((resolve, reject) => {
  const socket = new WebSocket("ws://127.0.0.1:" + port + "/");
  socket.binaryType = "arraybuffer";
  const text = "κόσμε 😀 ".repeat(2000);
  const bytes = new Uint8Array(200_000).map((_, i) => i * 31);
  const said = [];
  socket.onerror = () => reject(new Error("cannot connect"));
  socket.onopen = () => { socket.send(text); socket.send(bytes); socket.send(""); };
  socket.onmessage = ({ data }) => {
    const isSame = typeof data === "string"
      ? data === text || data === ""
      : new Uint8Array(data).every((byte, i) => byte === bytes[i]);
    said.push(isSame);
    if (said.length === 3) socket.close(3000, "done");
  };
  socket.onclose = ({ code, wasClean }) =>
    resolve({ extensions: socket.extensions, said, code, wasClean });
});
const results = {};
for (const [name, port] of Object.entries(PORTS)) {
  results[name] = await talk(port).catch((error) => ({ error: String(error) }));
}
await fetch("/result", { method: "POST", body: JSON.stringify(results) });
</script>`;

interface Result {
  readonly extensions?: string;
  readonly said?: readonly boolean[];
  readonly code?: number;
  readonly wasClean?: boolean;
}

/** Shows the page to a browser; returns what it posts. */
async function browse(
  browser: string,
  { ports }: Target,
): Promise<Record<string, Result>> {
  const { promise, resolve } = Promise.withResolvers<Record<string, Result>>();
  const page = PAGE.replace("PORTS", JSON.stringify(ports));
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method !== "POST") {
        return new Response(page, { headers: { "content-type": "text/html" } });
      }
      resolve(await request.json());
      return new Response();
    },
  );
  const profile = await Deno.makeTempDir();
  const child = new Deno.Command(browser, {
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      `--user-data-dir=${profile}`,
      `http://127.0.0.1:${server.addr.port}/`,
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    return await Promise.race([promise, expire()]);
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(profile, { recursive: true }).catch(() => {});
  }
}

function expire(): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(
      () => reject(new Deno.errors.TimedOut("The page never answered")),
      TIMEOUT,
    );
    Deno.unrefTimer(timer);
  });
}

function isGood(name: string, { extensions, said, code, wasClean }: Result) {
  const isCompressed = extensions?.includes("permessage-deflate") ?? false;
  return isCompressed === (name !== "plain") && code === 3000 && wasClean &&
    said?.length === 3 && said.every((isSame) => isSame);
}

async function main(): Promise<number> {
  const browser = Deno.env.get("CHROMIUM") ?? "chromium";
  await using running = await startGateway();
  try {
    const results = await browse(browser, running.target);
    const failures = Object.entries(results).filter(([name, result]) => {
      const isFine = isGood(name, result);
      console.log(
        `${isFine ? "ok     " : "FAILED "} Chromium, ${name}`,
        result,
      );
      return !isFine;
    });
    return failures.length;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`There is no "${browser}" here: nothing was tried`);
    return 0;
  }
}

if (import.meta.main) Deno.exitCode = await main() === 0 ? 0 : 1;
