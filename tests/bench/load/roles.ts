import { fileURLToPath } from "node:url";
import { checkOut } from "./checkout.ts";
import { Child, freePorts } from "./child.ts";
import type { LoadMode } from "./load_options.ts";
import { outputOf } from "./peer_folder.ts";

/** How many processes of this package run, and which version of it. */
export interface RolePlan {
  /** Gateways, each with a port of its own. */
  readonly gateways: number;
  /** Workers. */
  readonly workers: number;
  /** A git revision; `undefined` for the files as they are. */
  readonly revision: string | undefined;
  /** What looks into the processes; nothing if not said. */
  readonly probe?: Probe;
}

/** What every role loads before its own program, each alone in its process. */
export interface Probe {
  /** Path of the module. */
  readonly module: string;
  /** Variables that it needs. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a Register, gateways and workers, every role a process of its own.
 *
 * @returns Addresses for clients.
 * @throws {UnavailableError} If there is no such revision.
 */
export async function launchRoles(
  mode: LoadMode,
  children: Child[],
  { gateways, workers, revision, probe }: RolePlan,
): Promise<string[]> {
  const root = revision === undefined
    ? pathOf("../../..")
    : await checkOut(revision);
  const [registerPort, ...ports] = freePorts(1 + gateways * 2);
  const join = ["--register", `127.0.0.1:${registerPort}`];
  const preload = probe === undefined ? [] : ["--preload", probe.module];
  const run = ["run", "-A", ...preload, `${root}/cli.ts`];
  const role = (name: string, ...args: string[]) =>
    children.push(
      new Child(name, ["deno", ...run, name, ...args], probe),
    );
  role("register", "--listen", `127.0.0.1:${registerPort}`);
  const addresses = Array.from({ length: gateways }, (_, i) => {
    const address = `127.0.0.1:${ports[i * 2]}`;
    const startPort = String(ports[i * 2 + 1]);
    const limit = ["--max-connections", "19500"];
    // Without a supervisor, so that the process that was started is the gateway.
    if (probe !== undefined) limit.push("--alone");
    const listen = ["--listen", `ws://${address}`, "--start-port", startPort];
    role("gateway", ...listen, ...join, ...limit);
    return address;
  });
  // A worker alone in its process; without the option it is so in any case.
  const alone = await knows(root, "--alone") ? ["--alone"] : [];
  const handler = pathOf(`handlers/${mode === "mesh" ? "echo" : mode}.ts`);
  for (let i = 0; i < workers; i++) role("worker", handler, ...alone, ...join);
  return addresses;
}

async function knows(root: string, option: string): Promise<boolean> {
  const command = ["run", "-A", `${root}/cli.ts`, "worker", "--help"];
  return (await outputOf("deno", command)).includes(option);
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
