/**
 * The table of all calls: nothing is missing in it, and what it says is there.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ClusterCalls, ClusterReads } from "../../../mod.ts";

const DOCUMENT = new URL("../../../docs/cluster-api.md", import.meta.url);

/**
 * Every method of the original's `Lib\Gateway` and GatewayClient that is not
 * deprecated, an alias of another one, or internal.
 */
const ORIGINAL = [
  "sendToAll",
  "sendToClient",
  "sendToCurrentClient",
  "sendToUid",
  "sendToGroup",
  "closeClient",
  "closeCurrentClient",
  "destoryClient",
  "destoryCurrentClient",
  "isOnline",
  "bindUid",
  "unbindUid",
  "isUidOnline",
  "isUidsOnline",
  "getClientIdByUid",
  "batchGetClientIdByUid",
  "getUidByClientId",
  "joinGroup",
  "leaveGroup",
  "ungroup",
  "getClientIdCountByGroup",
  "batchGetClientIdCountByGroup",
  "getClientIdListByGroup",
  "getClientSessionsByGroup",
  "getUidListByGroup",
  "getUidCountByGroup",
  "getAllGroupIdList",
  "getAllGroupUidList",
  "getAllGroupUidCount",
  "getAllGroupClientIdList",
  "getAllGroupClientIdCount",
  "getAllClientIdCount",
  "getAllClientIdList",
  "getAllClientSessions",
  "getAllUidList",
  "getAllUidCount",
  "getSession",
  "setSession",
  "updateSession",
];

/** A row of the table of calls. */
interface Row {
  /** The original's name; `undefined` if it has none. */
  readonly original: string | undefined;
  /** Ours, without arguments. */
  readonly ours: string;
  /** Where it is tested. */
  readonly test: URL;
}

async function readRows(): Promise<Row[]> {
  const text = await Deno.readTextFile(DOCUMENT);
  const rows: Row[] = [];
  for (const line of text.split("\n")) {
    const match = /^\| (?:`(\w+)`|–) +\| `([\w.]+)\(.*\]\((\S+)\)/.exec(line);
    if (match === null) continue;
    const [, original, ours = "", test = ""] = match;
    rows.push({ original, ours, test: new URL(test, DOCUMENT) });
  }
  return rows;
}

Deno.test("the table has every call of the original", async () => {
  const originals = (await readRows()).flatMap(({ original }) =>
    original ?? []
  );

  assertEquals(originals.toSorted(), ORIGINAL.toSorted());
});

Deno.test("the table has every call of the API, and none that is not there", async () => {
  const ours = (await readRows()).map((row) => row.ours);
  const cluster = new ClusterCalls({} as never, 1);
  const calls = [ClusterReads, ClusterCalls]
    .flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
    .filter((name) => name !== "constructor")
    .concat(Object.keys(cluster));

  const ofCluster = ours.filter((name) => !name.startsWith("event.client."));
  assertEquals(ofCluster.toSorted(), calls.toSorted());
});

Deno.test("every call in the table has a test that begins with its name", async () => {
  for (const { ours, test } of await readRows()) {
    const name = ours.replace("event.client.", "");
    const source = await Deno.readTextFile(test);

    assert(source.includes(`Deno.test("${name}() `), `${name} has no test`);
  }
});
