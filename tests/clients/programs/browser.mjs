// deno-lint-ignore-file no-console -- its lines go to standard output
// A browser, for Deno to start: it opens a page that takes the steps and posts each.
const [browser, mode, url, ...sizes] = Deno.args;
const profile = await Deno.makeTempDir();
const steps = await Deno.readTextFile(
  new URL("./web_socket_steps.mjs", import.meta.url),
);
const page = `<!doctype html><title>steps</title><script type="module">
import { run } from "/steps.mjs";
let told = Promise.resolve();
const say = (step) =>
  told = told.then(() => fetch("/", { method: "POST", body: JSON.stringify(step) }));
run({
  ...${JSON.stringify({ mode, url, sizes: sizes.map(Number) })},
  Socket: WebSocket,
  say,
  done: () => say({ step: "over" }),
});
</script>`;

/** What starts each browser at an address. */
const COMMANDS = {
  chromium: (at) => [
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    `--user-data-dir=${profile}`,
    at,
  ],
  firefox: (
    at,
  ) => ["firefox-esr", "--headless", "--no-remote", "--profile", profile, at],
  webkit: (at) => [
    "xvfb-run",
    "-a",
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    at,
  ],
};

const over = Promise.withResolvers();
const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  async (request) => {
    if (request.method !== "POST") {
      const isPage = new URL(request.url).pathname === "/";
      const type = isPage ? "text/html" : "text/javascript";
      return new Response(isPage ? page : steps, {
        headers: { "content-type": type },
      });
    }
    const step = await request.json();
    if (step.step === "over") over.resolve();
    else console.log(JSON.stringify(step));
    return new Response();
  },
);
const [program, ...args] = COMMANDS[browser](
  `http://127.0.0.1:${server.addr.port}/`,
);
const child = new Deno.Command(program, {
  args,
  env: { HOME: profile },
  stdout: "null",
  stderr: "null",
}).spawn();
await Promise.race([over.promise, child.status]);
child.kill("SIGKILL");
await child.status;
await server.shutdown();
await Deno.remove(profile, { recursive: true }).catch(() => {});
