/** What becomes of clients that no gateway has accepted yet. @module */

import { assert, assertEquals } from "@std/assert";

/** Whether this is root of a Linux that has network namespaces, `ip` and the setting. */
function hasNamespaces(): boolean {
  const lo = 'ip link set lo up && test -w "$1"';
  const path = "/proc/sys/net/ipv4/tcp_migrate_req";
  try {
    return new Deno.Command("unshare", {
      args: ["--net", "sh", "-c", lo, "sh", path],
    }).outputSync().success;
  } catch {
    // There is no such program: that is the answer.
    return false;
  }
}

/** Runs a script in a network of its own; returns what it prints. */
// deno-lint-ignore no-explicit-any -- what each script prints is its own
async function runApart(name: string): Promise<any> {
  const script = new URL(name, import.meta.url).pathname;
  const run = 'ip link set lo up && exec deno run -A --unstable-net "$1"';
  const { stdout, stderr, success } = await new Deno.Command("unshare", {
    args: ["--net", "sh", "-c", run, "sh", script],
  }).output();

  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test({
  name:
    "a gateway that stops leaves clients in its backlog to the others on its port, if the system may (needs root, ip)",
  ignore: !hasNamespaces(),
  fn: async () => {
    const [without, withIt] = await runApart("_shared_port.ts");
    // About half of them were the stopped one's, which shows that the test would see it.
    assert(without > 0, `${without} were reset`);
    assertEquals(withIt, 0);
  },
});

Deno.test({
  name:
    "four gateways of a port are replaced one after another and no new client is refused or reset, if the system may (needs root, ip)",
  ignore: !hasNamespaces(),
  fn: async () => {
    const [without, withIt] = await runApart("_rolling_restart.ts");

    // It shows that the test would see it.
    assert(without.failed > 0, `${without.failed} of ${without.tried} failed`);
    assertEquals(withIt.failed, 0);
    assert(withIt.tried > 50, `${withIt.tried} came`);
  },
});
