/**
 * One role as a process of its own that collects its garbage and says how it is when
 * it is asked: a line in, a line of JSON out.
 *
 *     deno run -A --v8-flags=--expose-gc tests/soak/role_process.ts '{"role":"gateway"}'
 *
 * @module
 */
import { BusinessWorker, Gateway, Register } from "../../mod.ts";
import { NODE } from "../integration/security/_certificates.ts";

/** What a process is told. */
export interface RoleOrder {
  /** What it is. */
  readonly role: "register" | "gateway" | "worker";
  /** Where the Register is; for itself, where to listen. */
  readonly register: string;
  /** What clients of a gateway speak. */
  readonly scheme: "ws" | "wss";
}

/** How a process is, right after its garbage was collected. */
export interface RoleReport {
  /** Bytes of memory that the process holds. */
  readonly rss: number;
  /** Bytes of live objects, and of what they keep outside of the heap. */
  readonly live: number;
  /** Where clients connect, or nodes register; "" for a worker. */
  readonly address: string;
  /** Peers that are linked. */
  readonly links: number;
  /** What is there of clients and events, by name. */
  readonly left: Readonly<Record<string, number>>;
}

/** What a process says of its role. */
type Figures = () => Pick<RoleReport, "address" | "links" | "left">;

async function startRole(
  { role, register, scheme }: RoleOrder,
): Promise<Figures> {
  switch (role) {
    case "register": {
      const started = await Register.start({ listen: register });
      return () => {
        const { address, gateways, workers } = started.status();
        return { address, links: gateways.length + workers.length, left: {} };
      };
    }
    case "gateway": {
      const gateway = await Gateway.start({
        listen: [`${scheme}://127.0.0.1:0`],
        cert: NODE.lanCert,
        key: NODE.lanKey,
        startPort: 0,
        register: [register],
      });
      return () => figuresOfGateway(gateway, scheme);
    }
    case "worker": {
      const handler = import.meta.resolve("./handler.ts");
      const worker = await BusinessWorker.start({
        handler,
        register: [register],
      });
      return () => figuresOfWorker(worker);
    }
    default:
      return role satisfies never;
  }
}

function figuresOfGateway(
  gateway: Gateway,
  scheme: RoleOrder["scheme"],
): ReturnType<Figures> {
  const prefix = scheme === "wss" ? "wss://" : "";
  const { clients, queued, parkedClients, links } = gateway.report();
  const { accepted, acknowledged, inFlight, parked } = gateway.ledger;
  return {
    address: `${prefix}127.0.0.1:${gateway.addr.port}`,
    links: gateway.workers,
    left: {
      clients,
      "queued bytes": queued,
      "clients that wait for a worker": parkedClients,
      "events in flight": inFlight,
      "events that wait": parked,
      "events not acknowledged": accepted - acknowledged,
      "clients on links": sum(links.map((link) => link.clients)),
      "part of a window": sum(links.map((link) => link.window)),
    },
  };
}

function figuresOfWorker(worker: BusinessWorker): ReturnType<Figures> {
  const { queued, thrown } = worker.report();
  return {
    address: "",
    links: worker.gateways,
    left: {
      lanes: worker.clients,
      "events not handled": queued,
      "handlers that threw": thrown,
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Collects twice: what finalizers let go of in between goes, too. */
async function collectGarbage(): Promise<void> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) {
    throw new TypeError("Cannot collect as --v8-flags=--expose-gc is missing");
  }
  for (let round = 0; round < 2; round++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function print(value: unknown): Promise<void> {
  const line = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  await Deno.stdout.write(line);
}

async function main(order: RoleOrder): Promise<void> {
  const figures = await startRole(order);
  await print("ready");
  for await (const _ of Deno.stdin.readable) {
    await collectGarbage();
    const { rss, heapUsed, external } = Deno.memoryUsage();
    await print({ rss, live: heapUsed + external, ...figures() });
  }
}

if (import.meta.main) {
  const order: unknown = JSON.parse(Deno.args[0] ?? "{}");
  // Written by the soak itself.
  await main(order as RoleOrder);
  Deno.exit(0);
}
