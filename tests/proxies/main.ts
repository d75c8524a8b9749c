// deno-lint-ignore-file no-console -- a program: its table goes to standard output
/**
 * Other people's proxies before a cluster of processes, with the files of
 * `examples/proxies`:
 *
 *     deno task proxies                        some ten minutes
 *     deno task proxies --quick nginx caddy    without the silence, only these
 *     deno task proxies --into docs/proxies.md
 *
 * Programs that are not installed are fetched as Debian's packages and unpacked; nothing
 * is installed, and all that was started is ended.
 *
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../lib/base/errors.ts";
import { getAvailablePorts } from "../_support/processes.ts";
import { TEST_CERT, TEST_KEY } from "../unit/transport/_certificate.ts";
import { ANSWERING, full } from "./checks/answering.ts";
import type { Bed, Check } from "./checks/check.ts";
import { FAILING, slowReader } from "./checks/failing.ts";
import { silence, TALKING } from "./checks/talking.ts";
import { ProxiedCluster } from "./cluster.ts";
import { KINDS } from "./kinds.ts";
import { findProgram, type Program, runToEnd } from "./programs.ts";
import { type Places, type ProxyKind, RunningProxy } from "./proxy.ts";
import { Table } from "./table.ts";

const HELP = `Usage: deno task proxies [options] [NAME …]

  NAME          Only proxies with one of these words in their names
  --quick       Without the 240 seconds of silence
  --into FILE   Renew the table in this document; otherwise what is seen is compared
                with the one in docs/proxies.md
  --cache DIR   Where packages are unpacked that are not installed
                (default: ~/.cache/gatewayworker/proxies)
`;

const ARGS = {
  quick: { type: "boolean" },
  into: { type: "string" },
  cache: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** The document that promises what is seen. */
const DOCUMENT = new URL("../../docs/proxies.md", import.meta.url);

/** The row of versions, and the column without a proxy. */
const VERSION = "Version";
const DIRECT = "none";

/** Runs what the command line asks for; returns the exit code. */
export async function main(args: string[]): Promise<number> {
  const options = { args, options: ARGS, allowPositionals: true } as const;
  const { values, positionals } = parseArgs(options);
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const home = Deno.env.get("HOME") ?? "/tmp";
  const cache = values.cache ?? join(home, ".cache/gatewayworker/proxies");
  const table = await tryAll({
    kinds: KINDS.filter(({ name }) => isMeant(name, positionals)),
    cache,
    isQuick: values.quick ?? false,
  });
  console.log(`\n${table}\n`);
  if (values.into !== undefined) {
    const document = await Deno.readTextFile(values.into);
    await Deno.writeTextFile(values.into, table.into(document));
    return 0;
  }
  const documented = Table.of(await Deno.readTextFile(DOCUMENT));
  const differences = table.differencesFrom(documented);
  for (const { text } of differences) console.error(text);
  // Another version that does the same is as good.
  const wrong = differences.filter(({ row }) => row !== VERSION);
  console.error(
    wrong.length === 0
      ? "All rows are as documented"
      : `${wrong.length} cells are not as documented`,
  );
  return wrong.length === 0 ? 0 : 1;
}

function isMeant(name: string, words: readonly string[]): boolean {
  return words.length === 0 ||
    words.some((word) => name.toLowerCase().includes(word.toLowerCase()));
}

/** What is tried, and how. */
interface Trial {
  readonly kinds: readonly ProxyKind[];
  readonly cache: string;
  readonly isQuick: boolean;
}

async function tryAll({ kinds, cache, isQuick }: Trial): Promise<Table> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "gatewayworker-proxies-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  // Proxies that are started as root become another user.
  await Deno.chmod(folder, 0o755);
  await writeCertificates(folder);
  stack.defer(onInterrupt(stack));
  const cluster = stack.use(await ProxiedCluster.start(folder));
  const table = new Table();
  const beds = new Map<string, Bed>();
  const { ws } = cluster.gateways;
  beds.set(DIRECT, {
    cluster,
    site: { port: ws[0] ?? 0, tls: false },
    proxy: undefined,
    unguarded: undefined,
    gateways: ws,
  });
  table.set(VERSION, DIRECT, "–");
  for (const kind of kinds) {
    const found = await find(kind, cache);
    if (found === undefined) continue;
    table.set(VERSION, kind.name, found.version);
    beds.set(
      kind.name,
      await startProxy(kind, found.program, { cluster, folder, stack }),
    );
  }
  await Promise.all([
    isQuick ? undefined : Promise.all(
      [...beds].map(([name, bed]) => look(table, name, bed, silence)),
    ),
    lookAtAll(table, beds, [...TALKING, ...ANSWERING, slowReader]),
  ]);
  await lookAtAll(table, beds, [...FAILING, full]);
  return table;
}

/** One after another: some checks count, and one needs what another one took away. */
async function lookAtAll(
  table: Table,
  beds: ReadonlyMap<string, Bed>,
  checks: readonly Check[],
): Promise<void> {
  for (const [name, bed] of beds) {
    for (const check of checks) await look(table, name, bed, check);
  }
}

async function look(
  table: Table,
  name: string,
  bed: Bed,
  check: Check,
): Promise<void> {
  const cell = await check.run(bed).catch((error) =>
    `failed: ${messageOf(error).split("\n")[0]}`
  );
  console.error(`${name}, ${check.title}: ${cell}`);
  table.set(check.title, name, cell);
}

/** Finds what a proxy runs; says so and returns nothing if it cannot be had. */
async function find(
  { name, packageName, program, version }: ProxyKind,
  cache: string,
): Promise<{ program: Program; version: string } | undefined> {
  try {
    const found = await findProgram(packageName, program, cache);
    const said = await runToEnd(found.path, [version], found.env);
    const [number = "?"] = /\d+(\.\d+)+/.exec(said) ?? [];
    return { program: found, version: number };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.error(`Skipped ${name}: ${error.message}`);
    return undefined;
  }
}

/** What all proxies of a run have in common. */
interface Surroundings {
  readonly cluster: ProxiedCluster;
  readonly folder: string;
  /** Ends what is started. */
  readonly stack: AsyncDisposableStack;
}

async function startProxy(
  kind: ProxyKind,
  program: Program,
  { cluster, folder, stack }: Surroundings,
): Promise<Bed> {
  const gateways = cluster.gateways[kind.gateways].slice(0, kind.backends);
  const places = async () => ({ program, gateways, ...await placesIn(folder) });
  const proxy = stack.use(await RunningProxy.start(kind, await places()));
  const bed = { cluster, site: proxy.site, proxy, gateways };
  const { guard } = kind;
  if (guard === undefined) return { ...bed, unguarded: undefined };
  const unguarded = stack.use(
    await RunningProxy.startUnguarded({ ...kind, guard }, await places()),
  );
  return { ...bed, unguarded: unguarded.site };
}

/** Ports and a folder for one start of a proxy. */
async function placesIn(
  dir: string,
): Promise<Pick<Places, "folder" | "port" | "spare">> {
  const folder = await Deno.makeTempDir({ dir });
  await Deno.chmod(folder, 0o755);
  await writeCertificates(folder);
  const port = getAvailablePorts(2);
  return { folder, port, spare: port + 1 };
}

async function writeCertificates(folder: string): Promise<void> {
  await Deno.writeTextFile(join(folder, "chain.pem"), TEST_CERT);
  await Deno.writeTextFile(join(folder, "key.pem"), TEST_KEY);
  await Deno.writeTextFile(join(folder, "site.pem"), TEST_CERT + TEST_KEY);
}

/** Ctrl-C takes everything down as an end does. */
function onInterrupt(stack: AsyncDisposableStack): () => void {
  const end = () => void stack.disposeAsync().finally(() => Deno.exit(1));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, end);
  }
  return () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(signal, end);
    }
  };
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
