/**
 * The client library without a WebSocket through real proxies with their defaults, before
 * two gateways that are asked in turns: what is posted comes to the one that has no
 * stream as often as to the other.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { connect } from "../../../lib/client/mod.ts";
import { EventSocket } from "../../../lib/client/sse/mod.ts";
import type { Client } from "../../../lib/client/client.ts";
import { defineHandler } from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinkProxy } from "../../_support/link_proxy.ts";
import { getAvailablePorts, TestProcess } from "../../_support/processes.ts";

/** A proxy, and its shortest configuration. */
interface Proxy {
  readonly program: string;
  readonly args: (file: string) => string[];
  readonly config: (port: number, gateways: number[], folder: string) => string;
  /** Whether upgrades do not get through, so that the library finds out by itself. */
  readonly refusesUpgrades: boolean;
}

const PROXIES: Readonly<Record<string, Proxy>> = {
  nginx: {
    program: "/usr/sbin/nginx",
    args: (file) => ["-e", "stderr", "-c", file, "-g", "daemon off;"],
    // Folders aside, which installing the package makes, all is as it is by default.
    config: (port, [one, two], folder) => `
${Deno.uid() === 0 ? "user root;" : ""}
pid ${folder}/pid;
events {}
http {
  access_log off;
  ${
      ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map((it) => `${it}_temp_path ${folder}/${it};`).join("\n  ")
    }
  upstream gateways { server 127.0.0.1:${one}; server 127.0.0.1:${two}; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://gateways; }
  }
}
`,
    refusesUpgrades: true,
  },
  HAProxy: {
    program: "/usr/sbin/haproxy",
    args: (file) => ["-db", "-f", file],
    // The times are those of Debian's file: without any, it warns.
    config: (port, [one, two]) => `
global
  maxconn 200
defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend site
  bind 127.0.0.1:${port}
  default_backend gateways
backend gateways
  server one 127.0.0.1:${one}
  server two 127.0.0.1:${two}
`,
    refusesUpgrades: false,
  },
};

const LARGE = 300_000;

for (const [name, proxy] of Object.entries(PROXIES)) {
  Deno.test({
    name:
      `a client without a WebSocket works through ${name} with its defaults`,
    ignore: !isThere(proxy.program),
    fn: async () => {
      await using cluster = await startCluster({
        handler: defineHandler({
          message: (event) => event.binary ? event.bytes() : event.text(),
          request: (event) => event.answer(event.data()),
        }),
        gateways: 2,
        gateway: { resume: {} },
      });
      await using running = await run(proxy, cluster);
      using cable = new LinkProxy(running.address, true);
      await talk(proxy, cluster, cable);
    },
  });
}

async function talk(
  { refusesUpgrades }: Proxy,
  cluster: TestCluster,
  cable: LinkProxy,
): Promise<void> {
  const socket = connect(`ws://${cable.address}/`, {
    ...!refusesUpgrades && { WebSocket: EventSocket },
  });
  const heard: (string | Uint8Array)[] = [];
  const told: string[] = [];
  socket.on("message", (message) => heard.push(message));
  for (const event of ["back", "fresh", "gap"] as const) {
    socket.on(event, () => told.push(event));
  }
  const large = crypto.getRandomValues(new Uint8Array(60_000));
  await socket.send(large);
  await socket.send("x\r\n".repeat(LARGE / 3));
  for (let i = 0; i < 20; i++) socket.send(`${i}`);
  assertEquals(await socket.request("echo", "a"), "a");
  await eventually("it heard all", () => heard.length === 22);
  assertEquals(heard[0], large);
  assertEquals(heard[1], "x\r\n".repeat(LARGE / 3));
  assertEquals(heard.slice(2), Array.from({ length: 20 }, (_, i) => `${i}`));
  assertEquals(told, []);

  cable.cut();
  await eventually("it came back", () => told.length > 0);
  await socket.send("after");
  await eventually("it heard the rest", () => heard.length === 23);
  assertEquals([told, heard[22]], [["back"], "after"]);
  await leave(socket, cluster);
}

async function leave(socket: Client, { gateways }: TestCluster): Promise<void> {
  socket.close();
  await eventually(
    "it is gone",
    () => gateways.every(({ clients }) => clients === 0),
  );
}

async function run(
  { program, args, config }: Proxy,
  { gateways }: TestCluster,
): Promise<AsyncDisposable & { readonly address: string }> {
  const stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const port = getAvailablePorts(1);
  const file = `${folder}/config`;
  await Deno.writeTextFile(
    file,
    config(port, gateways.map(({ addr }) => addr.port), folder),
  );
  stack.use(new TestProcess([program, ...args(file)]));
  const address = `127.0.0.1:${port}`;
  await eventually("the proxy listens", async () => {
    const answer = await fetch(`http://${address}/healthz`).catch(() => {});
    return await answer?.text() === "ok";
  });
  assert(port > 0);
  return {
    address,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // It is not installed.
    return false;
  }
}
