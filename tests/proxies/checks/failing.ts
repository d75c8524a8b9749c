import { messageOf } from "../../../lib/base/errors.ts";
import { Client } from "../client.ts";
import { Crowd } from "../crowd.ts";
import { within } from "../site.ts";
import { type Bed, type Check, kindsOf } from "./check.ts";

/** Clients of the gateways of which one dies. */
const VICTIMS = 20;

/** Most milliseconds until a proxy uses a gateway again that is back. */
const RETURN = 70_000;

/** Milliseconds between two attempts of a client to come back. */
const INTERVAL = 100;

/** How much is taken off a gateway for a client that does not read. */
export const slowReader: Check = {
  title: "A client that does not read",
  async run({ site, cluster }) {
    using client = await Client.connect(site, { lazy: true });
    const [, , id = ""] = String(await client.hear()).split(" ");
    const before = client.received;
    client.pause();
    client.send("flood");
    await cluster.heard(new RegExp(`^flooded ${id}$`));
    // The gateway has given it up by now. What is on its way comes, then the farewell.
    client.resume();
    const { code } = await within("end", client.closed);
    const line = await cluster.heard(new RegExp(`^closed ${id} `));
    const mib = ((client.received - before) / 1_048_576).toFixed(1);
    return `closed with ${line.split(" ")[2]}, sees ${code} (after ${mib} MiB)`;
  },
};

/** What a reload does to clients that talk, and to those that come. */
const reload: Check = {
  title: "Reload under load",
  async run({ site, proxy }) {
    if (proxy === undefined) return "–";
    await using crowd = new Crowd(site);
    await crowd.progress();
    await proxy.reload();
    await crowd.progress();
    const { residents, lost, refused, visits } = await crowd.end();
    const total = visits + refused.length;
    if (lost.length + refused.length === 0) {
      return `nothing lost (${total} came)`;
    }
    const newcomers = `${refused.length} of ${total} newcomers`;
    if (lost.length === 0) {
      return `clients stay, some newcomers are cut off ` +
        `(${newcomers}: ${kindsOf(refused)})`;
    }
    const who = lost.length === residents ? "all" : "some";
    return `${who} clients lost: ${kindsOf(lost)} ` +
      `(${lost.length} of ${residents}, and ${newcomers})`;
  },
};

/** A client that comes back until it is greeted. */
async function comeBack(
  { site }: Bed,
  isMeant: (greeting: string) => boolean,
): Promise<{ failures: string[]; milliseconds: number }> {
  const failures: string[] = [];
  const start = performance.now();
  while (performance.now() - start < RETURN) {
    try {
      using client = await Client.connect(site);
      const greeting = String(await client.hear());
      await client.leave();
      if (isMeant(greeting)) {
        return { failures, milliseconds: performance.now() - start };
      }
    } catch (error) {
      failures.push(messageOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
  throw new Deno.errors.TimedOut("Cannot come back: it takes too long");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** Connects clients; keeps those that a gateway got. */
async function clientsOf(
  { cluster, site }: Bed,
  port: number,
  stack: DisposableStack,
): Promise<Client[]> {
  const kept: Client[] = [];
  for (let i = 0; i < VICTIMS; i++) {
    const client = stack.use(await Client.connect(site));
    if (cluster.isOf(String(await client.hear()), port)) kept.push(client);
  }
  return kept;
}

/** What clients of a gateway see that dies, and when others are theirs. */
const deadGateway: Check = {
  title: "A gateway is killed",
  async run(bed) {
    const { cluster, gateways: [port = 0, ...others], proxy, site } = bed;
    if (proxy === undefined) return "–";
    // Of those before, somebody may have killed it: it must be in use again.
    await comeBack(bed, (greeting) => cluster.isOf(greeting, port));
    using stack = new DisposableStack();
    const victims = await clientsOf(bed, port, stack);
    const start = performance.now();
    await cluster.kill(port);
    const ends = await Promise.all(
      victims.map(({ closed }) => within("end", closed)),
    );
    const codes = kindsOf(ends.map(({ code }) => String(code)));
    const last = seconds(Math.max(...ends.map(({ at }) => at - start)));
    if (others.length === 0) {
      const who = await Client.connect(site).then(() => "some", () => "none");
      return `${codes}, then ${who} is served (cut within ${last})`;
    }
    const returns = await Promise.all(
      victims.map(() => comeBack(bed, () => true)),
    );
    const failures = returns.flatMap((each) => each.failures);
    const worst = Math.max(...returns.map((each) => each.milliseconds));
    const first = failures.length === 0
      ? "first attempt succeeds"
      : `first attempts fail: ${kindsOf(failures)}`;
    const figures = `cut within ${last}, back within ${seconds(worst)}`;
    return `${codes}, then ${first} (${figures})`;
  },
};

/** When a gateway that is there again gets clients. */
const returned: Check = {
  title: "It is started again",
  async run(bed) {
    const { cluster, gateways: [port = 0], proxy } = bed;
    if (proxy === undefined) return "–";
    await cluster.startGateway(port);
    const { milliseconds, failures } = await comeBack(
      bed,
      (greeting) => cluster.isOf(greeting, port),
    );
    const said = failures.length === 0 ? "nobody fails" : kindsOf(failures);
    return `used again, ${said} (after ${seconds(milliseconds)})`;
  },
};

/** What is done to a proxy when nobody is silent any more; in this order. */
export const FAILING: readonly Check[] = [reload, deadGateway, returned];
