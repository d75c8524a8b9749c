// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * Lets other people's WebSocket clients talk to a real cluster, and compares what they
 * make of it with what is documented:
 *
 *     deno task clients                        all of them; some ten minutes
 *     deno task clients --only ws,aiohttp      some
 *     deno task clients --record               what is seen becomes what is documented
 *     deno task clients --into docs/clients.md writes the table; runs nothing
 *
 * @module
 */
import { parseArgs } from "node:util";
import { messageOf } from "../../lib/base/errors.ts";
import { type Client, CLIENTS } from "./clients.ts";
import { installDebian, Workshop } from "./install.ts";
import { Stage } from "./stage.ts";
import {
  differencesOf,
  type Entries,
  type Entry,
  putInto,
  tableOf,
} from "./table.ts";
import { Trial } from "./trial.ts";

const EXPECTED = new URL("./expected.json", import.meta.url);

/** How many are tried at a time. */
const AT_A_TIME = 3;

const ARGS = {
  only: { type: "string" },
  record: { type: "boolean" },
  into: { type: "string" },
} as const;

/** What came of one client. */
type Result =
  | { readonly client: Client; readonly entry: Entry }
  | { readonly client: Client; readonly problem: string };

async function tryClient(
  client: Client,
  stage: Stage,
  workshop: Workshop,
): Promise<Result> {
  const ready = await workshop.prepare(client);
  if ("problem" in ready) return { client, problem: ready.problem };
  const { command, version } = ready;
  const trial = new Trial(client, stage, command, workshop.folderOf(client));
  return { client, entry: { version, ...await trial.run() } };
}

/** Tries some at a time; resolves with what came of each, in their order. */
async function tryAll(
  clients: readonly Client[],
  onResult: (result: Result) => void,
): Promise<Result[]> {
  await installDebian([
    ...new Set(clients.flatMap(({ debian = [] }) => debian)),
  ]);
  const folder = await Deno.makeTempDir();
  await using stage = await Stage.start();
  const workshop = new Workshop(folder);
  const results: Result[] = [];
  let next = 0;
  const lanes = Array.from({ length: AT_A_TIME }, async () => {
    while (next < clients.length) {
      const index = next++;
      const client = clients[index];
      if (client === undefined) return;
      const result = await tryClient(client, stage, workshop);
      results[index] = result;
      onResult(result);
      console.error("problem" in result ? "missing" : "tried  ", client.name);
    }
  });
  await Promise.all(lanes);
  await Deno.remove(folder, { recursive: true });
  return results;
}

async function documented(): Promise<Entries> {
  return JSON.parse(await Deno.readTextFile(EXPECTED));
}

/** Prints what was seen; returns how many clients are not as documented. */
function report(results: readonly Result[], expected: Entries): number {
  const found: Record<string, Entry> = {};
  const lines: string[] = [];
  let wrong = 0;
  for (const result of results) {
    const { client: { name } } = result;
    if ("problem" in result) {
      lines.push(`not tried: ${name}: ${result.problem}`);
      continue;
    }
    found[name] = result.entry;
    const before = expected[name];
    const differences = before === undefined
      ? ["it is not documented"]
      : differencesOf(result.entry, before);
    if (differences.length > 0) wrong++;
    lines.push(...differences.map((each) => `DIFFERS: ${name}: ${each}`));
  }
  console.log(tableOf(results.map(({ client }) => client), found));
  console.log(["", ...lines].join("\n"));
  const tried = Object.keys(found).length;
  console.log(
    `${tried} tried, ${results.length - tried} not, ${wrong} not as documented`,
  );
  return wrong;
}

/** Makes what was seen what is documented. */
function record(result: Result): void {
  if (!("entry" in result)) return;
  const before: Entries = JSON.parse(Deno.readTextFileSync(EXPECTED));
  const all: Entries = { ...before, [result.client.name]: result.entry };
  const ordered = CLIENTS.flatMap(({ name }) =>
    all[name] === undefined ? [] : [[name, all[name]] as const]
  );
  const text = JSON.stringify(Object.fromEntries(ordered), null, 2);
  Deno.writeTextFileSync(EXPECTED, `${text}\n`);
}

function chosen(only: string | undefined): Client[] {
  if (only === undefined) return [...CLIENTS];
  return only.split(",").map((name) => {
    const client = CLIENTS.find((each) => each.name === name);
    if (client !== undefined) return client;
    throw new RangeError(
      `Cannot try "${name}" as it must be one of ${
        CLIENTS.map((each) => each.name).join(", ")
      }`,
    );
  });
}

/** Runs what the command line asks for; returns the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: ARGS });
    if (values.into !== undefined) {
      const document = await Deno.readTextFile(values.into);
      const table = tableOf(CLIENTS, await documented());
      await Deno.writeTextFile(values.into, putInto(document, table));
      return 0;
    }
    const onResult = values.record ? record : () => {};
    const results = await tryAll(chosen(values.only), onResult);
    return report(results, await documented()) === 0 ? 0 : 1;
  } catch (error) {
    console.error(messageOf(error));
    return error instanceof TypeError || error instanceof RangeError ? 2 : 1;
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
