import { fileURLToPath } from "node:url";
import { checkOut } from "./checkout.ts";
import { Child, freePorts } from "./child.ts";
import { certificateFiles } from "./certificates.ts";
import type { LoadMode } from "./load_options.ts";
import { outputOf } from "./peer_folder.ts";
import type { RolePlan, TlsPart } from "./role_plan.ts";

/** Longest message that gateways take, in bytes: rows have messages of 16 MiB. */
const MAX_MESSAGE = "20m";

/**
 * Starts a Register, gateways and workers, every role a process of its own.
 *
 * @returns Addresses for clients.
 * @throws {UnavailableError} If there is no such revision.
 */
export async function launchRoles(
  mode: LoadMode,
  children: Child[],
  { gateways, workers, revision, probe, tls, isLasting }: RolePlan,
): Promise<string[]> {
  const root = revision === undefined
    ? pathOf("../../..")
    : await checkOut(revision);
  const [registerPort, ...ports] = freePorts(1 + gateways * 2);
  const { scheme, ofGateways, ofAll } = await encryption(tls);
  const join = ["--register", `127.0.0.1:${registerPort}`, ...ofAll];
  const preload = probe === undefined ? [] : ["--preload", probe.module];
  const run = ["run", "-A", ...preload, `${root}/cli.ts`];
  const role = (name: string, ...args: string[]) =>
    children.push(
      new Child(name, ["deno", ...run, name, ...args], probe),
    );
  role("register", "--listen", `127.0.0.1:${registerPort}`, ...ofAll);
  const addresses = Array.from({ length: gateways }, (_, i) => {
    const address = `127.0.0.1:${ports[i * 2]}`;
    const startPort = String(ports[i * 2 + 1]);
    const limit = ["--max-connections", "19500", "--max-message", MAX_MESSAGE];
    if (isLasting) limit.push("--resume");
    // Without a supervisor, so that the process that was started is the gateway.
    if (probe !== undefined) limit.push("--alone");
    const listen = ["--listen", `${scheme}://${address}`, ...ofGateways];
    const start = ["--start-port", startPort];
    role("gateway", ...listen, ...start, ...join, ...limit);
    return scheme === "ws" ? address : `${scheme}://${address}`;
  });
  // A worker alone in its process; without the option it is so in any case.
  const alone = await knows(root, "--alone") ? ["--alone"] : [];
  // Its own: a worker refuses a handler that another checkout's deno.json is for.
  const file = `${mode === "mesh" ? "echo" : mode}.ts`;
  const handler = `${root}/tests/bench/load/handlers/${file}`;
  for (let i = 0; i < workers; i++) role("worker", handler, ...alone, ...join);
  return addresses;
}

/** Options that turn TLS on, for gateways and for all roles. */
async function encryption(tls: TlsPart | undefined) {
  if (tls === undefined) return { scheme: "ws", ofGateways: [], ofAll: [] };
  const { cert, key, authority } = await certificateFiles();
  if (tls === "clients") {
    const ofGateways = ["--cert", cert, "--key", key];
    return { scheme: "wss", ofGateways, ofAll: [] };
  }
  const ofAll = ["--lan-cert", cert, "--lan-key", key, "--lan-ca", authority];
  return { scheme: "ws", ofGateways: [], ofAll };
}

async function knows(root: string, option: string): Promise<boolean> {
  const command = ["run", "-A", `${root}/cli.ts`, "worker", "--help"];
  return (await outputOf("deno", command)).includes(option);
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
