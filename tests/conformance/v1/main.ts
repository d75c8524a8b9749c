// deno-lint-ignore-file no-console -- a program: the report goes to standard output
/**
 * The conformance suite for clients of `gatewayworker.v1`.
 *
 * @module
 */
import { isWanted } from "../case.ts";
import { CLIENT_CASES, judgeClient } from "./cases.ts";
import { Stage } from "./far_end.ts";

const INSTRUCTIONS = `
Plays a gateway of gatewayworker.v1 at URL, and judges the client that connects there.
Start a program with the client under test that

  - connects to URL, and shows a credential that is another one at each connect,
    such as {"n":1}, {"n":2};
  - sends each message back as it came, text as text and bytes as bytes;
  - answers "echo" with its data, "fail" with the error "refused" and its data,
    "parts" with each element of its data as a part, and any answer behind them, and
    "wait" not before it is cancelled;
  - at the typed event "ask", whose data is a name, makes a request of that name, and
    tells the typed event "outcome" with {"value":answer} or {"code":why,"data":data};
  - when its client is over for good, begins again with a new client.

tests/conformance/v1/echo_client.ts is that program for our own library.`;

/**
 * Waits for a client, and prints what it does wrong.
 *
 * @returns How many cases failed.
 */
export async function runClientSuite(
  url: string,
  wanted: readonly string[],
): Promise<number> {
  const { hostname, port } = new URL(url.replace(/^ws/, "http"));
  await using stage = new Stage(hostname, Number(port || 80));
  console.log(`${INSTRUCTIONS.trim()}\n\nWaiting for it at ${stage.url} …`);
  const first = await stage.next(600_000);
  first.close();
  const cases = CLIENT_CASES.filter((each) => isWanted(each, wanted));
  let failures = 0;
  for await (const { id, title, failure } of judgeClient(stage, cases)) {
    if (failure !== undefined) failures++;
    console.log(`${failure === undefined ? "ok  " : "FAIL"} ${id} ${title}`);
    if (failure !== undefined) console.log(`     broken: ${failure}`);
  }
  console.log(`\n${cases.length - failures} of ${cases.length} cases passed`);
  return failures;
}
