// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * Clients are sent away under load, by real processes; or four gateways of a port are
 * replaced while new clients come.
 *
 *     deno task drain                         5,000 clients, 500 a second
 *     deno task drain --clients 1000 --rate 200
 *     deno task drain --rolling               as root, in a network of its own
 *
 * @module
 */
import { parseArgs } from "node:util";
import { GatewayClient } from "@gatewayworker/core/cluster";
import { messageOf } from "../../lib/base/errors.ts";
import { type CommandResult, runCommand } from "../_support/commands.ts";
import { getAvailablePorts, startCli } from "../_support/processes.ts";
import { type SwarmOutcome, tryDrain } from "./swarm.ts";

const HELP = `Usage: deno task drain [options]

  --clients N   How many: a tenth are plain, a fifth do not read (default: 5000)
  --rate N      How many are sent away a second (default: 500)
  --interval N  Milliseconds from one broadcast, and one word of each, to the next
                (default: 2000)
  --rolling     Replaces four gateways of a port instead, while new clients come,
                without and with net.ipv4.tcp_migrate_req; as root, with ip
`;

const ARGS = {
  clients: { type: "string", default: "5000" },
  rate: { type: "string", default: "500" },
  interval: { type: "string", default: "2000" },
  rolling: { type: "boolean", default: false },
  help: { type: "boolean", short: "h" },
} as const;

/** How far from its rate a drain may be. */
const TOLERANCE = 0.1;

/** Seconds that a gateway has to stop, which is the deadline that is looked at. */
const CLOSE_TIMEOUT = 10;

const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

/** Runs what the command line asks for; returns the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: ARGS });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    if (values.rolling) return await roll();
    return await drain({
      clients: Number(values.clients),
      rate: Number(values.rate),
      interval: Number(values.interval),
    });
  } catch (error) {
    console.error(messageOf(error));
    return error instanceof TypeError ? 2 : 1;
  }
}

/** What is tried, of what the command line says. */
interface Wanted {
  readonly clients: number;
  readonly rate: number;
  readonly interval: number;
}

async function drain(wanted: Wanted): Promise<number> {
  const register = `127.0.0.1:${getAvailablePorts(1)}`;
  const ports = { from: getAvailablePorts(1), to: getAvailablePorts(1) };
  const folder = await Deno.makeTempDir();
  const common = [
    `--register=${register}`,
    "--start-port=0",
    "--resume",
    `--close-timeout=${CLOSE_TIMEOUT}`,
  ];
  await using nodes = startCli([
    "start",
    HANDLER,
    ...common,
    `--listen=ws://127.0.0.1:${ports.to}`,
    "--workers=1",
    `--runtime-dir=${folder}/others`,
  ]);
  await nodes.line(/^All ready/);
  await using leaving = startCli([
    "gateway",
    ...common,
    `--listen=ws://127.0.0.1:${ports.from}`,
    "--stop-delay=0",
    `--runtime-dir=${folder}/leaving`,
  ]);
  await leaving.line(/^All ready/);
  await using program = await GatewayClient.connect({ register: [register] });
  const here = `--runtime-dir=${folder}/leaving`;
  const outcome = await tryDrain({
    ...wanted,
    ...ports,
    broadcast: async (text) => void await program.sendToAll(text),
    drain: async () =>
      tell(await runCommand(["drain", `--rate=${wanted.rate}/s`, here])),
  });
  const start = performance.now();
  tell(await runCommand(["stop", here]));
  const stop = performance.now() - start;
  const audit = await runCommand(["audit", `--register=${register}`]);
  tell(audit);
  return report({ ...outcome, stop, isBalanced: audit.code === 0 });
}

function tell({ out, errors }: CommandResult): void {
  console.error([...out, ...errors].join("\n"));
}

function report(
  outcome: SwarmOutcome & { stop: number; isBalanced: boolean },
): number {
  console.log(outcome);
  const { pace, resumed, library, closed, plain, wrong, missed } = outcome;
  const findings = [
    Math.abs(pace - 1) > TOLERANCE && `the pace was ${pace} of its rate`,
    resumed < library && `${library - resumed} did not go on`,
    outcome.ends.length > 0 && `some were closed: ${outcome.ends}`,
    closed < plain && `${plain - closed} plain ones were not told 1001`,
    wrong > 0 && `${wrong} numbers came twice or not at all`,
    missed > 0 && `${missed} frames were missed`,
    outcome.stop > (CLOSE_TIMEOUT + 5) * 1_000 && "the stop took too long",
    !outcome.isBalanced && "the ledger does not add up",
  ].filter((finding) => finding !== false);
  console.log(findings.length === 0 ? "All well" : findings.join("\n"));
  return findings.length === 0 ? 0 : 1;
}

async function roll(): Promise<number> {
  const script = new URL("../cluster/_rolling_restart.ts", import.meta.url);
  const run = 'ip link set lo up && exec deno run -A --unstable-net "$1"';
  const { stdout, stderr, success } = await new Deno.Command("unshare", {
    args: ["--net", "sh", "-c", run, "sh", script.pathname],
  }).output();
  if (!success) throw new RangeError(new TextDecoder().decode(stderr));
  const [without, withIt] = JSON.parse(new TextDecoder().decode(stdout));
  console.log({ "tcp_migrate_req=0": without, "tcp_migrate_req=1": withIt });
  return withIt.failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
