import { fileURLToPath } from "node:url";
import { certificateFiles } from "./certificates.ts";
import { Child, freePorts } from "./child.ts";
import { connect, dial } from "./dial.ts";
import { type DialectName, DIALECTS } from "./dialect.ts";
import type { LoadMode, LoadTarget } from "./load_options.ts";
import { outputOf, preparePeers, UnavailableError } from "./peer_folder.ts";
import { launchOriginal } from "./php_peer.ts";
import { describeTls, type RolePlan, rolePlanOf } from "./role_plan.ts";
import { launchRoles } from "./roles.ts";
import { pause } from "./stopwatch.ts";

/** Longest wait until a server answers, in seconds: so many, and one for each process. */
const READY_TIME = 15;

/** What clients can do to every server that says nothing else. */
const CLIENT_MODES: readonly LoadMode[] = [
  "echo",
  "direct",
  "group",
  "broadcast",
  "connect",
  "idle",
];

/** A server under load: its processes, and where clients go. */
export interface RunningServer extends AsyncDisposable {
  /** What the generator needs to know. */
  readonly target: LoadTarget;
}

/** A server that can be measured. */
export interface ServerKind {
  /** What it is, for readers of a report. */
  readonly title: string;
  /** What it speaks. */
  readonly dialect: DialectName;
  /** Loads that it can take; all that clients make if not said. */
  readonly modes?: readonly LoadMode[];
  /**
   * Starts its processes, in `children` as they come.
   *
   * @returns Addresses for clients.
   * @throws {UnavailableError} If it cannot run here.
   */
  launch(mode: LoadMode, children: Child[]): Promise<string[]>;
}

/**
 * Finds a server by name.
 *
 * @param name One of the names in `PEERS`, or `ours`, or `ours:2+3` for two gateways
 * and three workers, or `ours@v1` or `ours@v1:2+3` for those of another revision; behind
 * `ours` may stand `+wss` for clients over TLS, `+lan-tls` for links over TLS, or `+v1` for clients that speak
 * `gatewayworker.v1`.
 */
export function serverKind(name: string): ServerKind {
  const plan = rolePlanOf(name);
  if (plan !== undefined) return ours(plan);
  const peer = PEERS[name];
  if (peer === undefined) {
    const names = [
      ...[
        "ours",
        "ours:G+W",
        "ours@REVISION",
        "ours+wss",
        "ours+lan-tls",
        "ours+v1",
      ],
      ...Object.keys(PEERS),
    ].join(", ");
    throw new TypeError(
      `Cannot measure "${name}" as it must be one of ${names}`,
    );
  }
  return peer;
}

/** Starts a server and waits until it answers. */
export async function startServer(
  kind: ServerKind,
  mode: LoadMode,
): Promise<RunningServer> {
  if (!(kind.modes ?? CLIENT_MODES).includes(mode)) {
    throw new UnavailableError(`${kind.title} has nothing like "${mode}"`);
  }
  const children: Child[] = [];
  const dispose = async () => {
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  };
  try {
    const addresses = await kind.launch(mode, children);
    await untilReady(addresses, children, { mode, dialect: kind.dialect });
    const target = { addresses, dialect: kind.dialect, watched: children };
    return { target, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The servers that we are compared with; another one is one more entry. */
export const PEERS: Readonly<Record<string, ServerKind>> = {
  bare: {
    title: "bare TypeScript echo on Deno.listen",
    dialect: "ws",
    modes: ["echo"],
    launch: (_, children) => launchDeno("bare_echo.ts", children),
  },
  relay: {
    title: "the same echo behind a process that only passes bytes on",
    dialect: "ws",
    modes: ["echo"],
    launch: async (_, children) => {
      const [echo = ""] = await launchDeno("bare_echo.ts", children);
      return await launchDeno(
        "bare_relay.ts",
        children,
        echo.split(":")[1] ?? "",
      );
    },
  },
  "deno-serve": {
    title: "Deno.serve + upgradeWebSocket",
    dialect: "ws",
    modes: ["echo"],
    launch: (_, children) => launchDeno("peers/deno_serve.ts", children),
  },
  ws: {
    title: "ws on Node",
    dialect: "ws",
    launch: (mode, children) =>
      launchNode("ws.mjs", ["ws@8"], { mode, children }),
  },
  "ws+wss": {
    title: "ws on Node, clients over TLS",
    dialect: "ws",
    launch: async (mode, children) => {
      const { cert, key } = await certificateFiles();
      const launch = { mode, children, args: [cert, key] };
      const addresses = await launchNode("ws.mjs", ["ws@8"], launch);
      return addresses.map((address) => `wss://${address}`);
    },
  },
  original: {
    title: "GatewayWorker on PHP, 1 gateway + 1 worker",
    dialect: "ws",
    modes: ["echo"],
    launch: (_, children) => launchOriginal(children),
  },
  link: {
    title: "one link between two processes",
    dialect: "ws",
    modes: ["link"],
    launch: (_, children) => launchDeno("link_sink.ts", children),
  },
  "socket.io": {
    title: "Socket.IO on Node",
    dialect: "socket.io",
    launch: (mode, children) =>
      launchNode("socket_io.mjs", ["socket.io@4"], { mode, children }),
  },
  "socket.io-cluster": {
    title: "Socket.IO on Node, cluster adapter, 2 processes",
    dialect: "socket.io",
    launch: (mode, children) => {
      const packages = ["socket.io@4", "@socket.io/cluster-adapter@0.2"];
      return launchNode("socket_io.mjs", packages, {
        mode,
        children,
        args: ["cluster", "2"],
      });
    },
  },
  "socket.io-redis": {
    title: "Socket.IO on Node, Redis adapter, 2 processes",
    dialect: "socket.io",
    launch: launchWithRedis,
  },
};

/** This package, every role a process of its own. */
export function ours(plan: RolePlan): ServerKind {
  const { gateways, workers, revision, tls, isLasting } = plan;
  return {
    title: `gatewayworker, ${gateways} gateway(s) + ${workers} worker(s)` +
      describeTls(tls) +
      (isLasting ? ", clients of gatewayworker.v1" : "") +
      (revision === undefined ? "" : ` of ${revision}`),
    dialect: isLasting ? "lasting" : "ws",
    modes: [...CLIENT_MODES, "mesh"],
    launch: (mode, children) => launchRoles(mode, children, plan),
  };
}

function launchDeno(
  program: string,
  children: Child[],
  ...args: string[]
): Promise<string[]> {
  const [port = 0] = freePorts(1);
  const run = ["deno", "run", "-A", pathOf(program)] as const;
  children.push(new Child("server", [...run, String(port), ...args]));
  return Promise.resolve([`127.0.0.1:${port}`]);
}

async function launchNode(
  program: string,
  packages: readonly string[],
  { mode, children, args = [] }: {
    mode: LoadMode;
    children: Child[];
    args?: string[];
  },
): Promise<string[]> {
  await outputOf("node", ["--version"]);
  const folder = await preparePeers(packages);
  const [port = 0] = freePorts(1);
  const command = [
    "node",
    `${folder}/${program}`,
    String(port),
    mode,
    ...args,
  ] as const;
  children.push(new Child("server", command, { cwd: folder }));
  return [`127.0.0.1:${port}`];
}

async function launchWithRedis(
  mode: LoadMode,
  children: Child[],
): Promise<string[]> {
  await outputOf("redis-server", ["--version"]);
  const [port = 0] = freePorts(1);
  const quiet = ["--save", "", "--appendonly", "no"];
  children.push(
    new Child("redis", [
      "redis-server",
      "--bind",
      "127.0.0.1",
      "--port",
      String(port),
      ...quiet,
    ]),
  );
  const packages = ["socket.io@4", "@socket.io/redis-adapter@8", "redis@4"];
  const start = () =>
    launchNode("socket_io.mjs", packages, {
      mode,
      children,
      args: ["redis", String(port)],
    });
  return [...await start(), ...await start()];
}

async function untilReady(
  addresses: readonly string[],
  children: readonly Child[],
  { mode, dialect }: { mode: LoadMode; dialect: DialectName },
): Promise<void> {
  // In "connect" the server speaks first; otherwise it answers what starts with a "+".
  const hello = mode === "connect" ? "" : "+pppp";
  const patience = (READY_TIME + children.length) * 1_000;
  const end = performance.now() + patience;
  const knock = async (address: string) => {
    const { conn } = mode === "link"
      ? { conn: await connect(address) }
      : await dial(address, DIALECTS[dialect], hello);
    conn.close();
  };
  const answered = async (address: string) => {
    while (performance.now() < end) {
      try {
        await knock(address);
        return;
      } catch {
        // Not yet listening.
        await pause(0.05);
      }
    }
  };
  const failed = children.map((child) => child.failure());
  for (const failure of failed) failure.catch(() => {});
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      timeout.reject(new Deno.errors.TimedOut("The server does not answer")),
    patience,
  );
  await Promise.race([
    Promise.all(addresses.map(answered)),
    timeout.promise,
    ...failed,
  ])
    .finally(() => clearTimeout(timer));
  // Several workers and gateways link to each other meanwhile.
  await pause(children.length > 3 ? 1 : 0.2);
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
