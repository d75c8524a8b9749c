import { dial } from "./dial.ts";
import { DIALECTS } from "./dialect.ts";
import { Exchange } from "./exchange.ts";
import { LoadClient } from "./load_client.ts";
import type { LoadOptions, LoadTarget } from "./load_options.ts";
import { type LoadResult, servedOf } from "./load_result.ts";
import { startPacer } from "./pacer.ts";
import { helloOf, type Pattern, planRoutes, type Route } from "./routes.ts";
import { pause, Stopwatch } from "./stopwatch.ts";

/** Clients that connect at a time. */
const DIAL_WIDTH = 32;

/** Read buffers of all clients together, in bytes; each gets its share within bounds. */
const READ_BUDGET = 64 * 1_024 * 1_024;
const MIN_READ_BUFFER = 1_024;
const MAX_READ_BUFFER = 32 * 1_024;
/** The same for large messages, where the generator would else read in many pieces. */
const MAX_LARGE_READ_BUFFER = 256 * 1_024;

/** Connects clients, lets messages pass between them, and measures. */
export async function runMessages(
  load: LoadOptions,
  target: LoadTarget,
): Promise<LoadResult> {
  const routes = planRoutes({ ...load, pattern: load.mode as Pattern });
  const exchange = new Exchange(routes, load.clients, load.rate);
  const clients = await connectAll(exchange, routes, { load, target });
  const readers = clients.map((client) => client.run());
  exchange.start();
  const lap = await measure(exchange, load, target);
  await exchange.drain();
  for (const client of clients) client.close();
  await Promise.all(readers);
  return {
    load,
    ...lap,
    sent: exchange.sent,
    delivered: exchange.delivered,
    perSecond: exchange.delivered / lap.seconds,
    faults: exchange.faults,
    served: servedOf(exchange.served),
    latency: exchange.latency.summary(),
  };
}

async function measure(
  exchange: Exchange,
  load: LoadOptions,
  { watched }: LoadTarget,
) {
  using _pacer = load.rate > 0
    ? startPacer(load.rate, () => exchange.sendDue())
    : undefined;
  await pause(load.warmup);
  const stopwatch = new Stopwatch(watched);
  exchange.beginMeasuring();
  await pause(load.seconds);
  exchange.endMeasuring();
  return stopwatch.read();
}

/** Connects the clients of an exchange, and gives them to it. */
export async function connectAll(
  exchange: Exchange,
  routes: readonly Route[],
  { load, target }: { load: LoadOptions; target: LoadTarget },
): Promise<LoadClient[]> {
  const { addresses } = target;
  const dialect = DIALECTS[target.dialect];
  const share = READ_BUDGET / load.clients;
  const readBuffer = Math.min(
    Math.max(share, MIN_READ_BUFFER),
    load.size > MAX_READ_BUFFER ? MAX_LARGE_READ_BUFFER : MAX_READ_BUFFER,
  );
  const plan = { ...load, pattern: load.mode as Pattern };
  const targets = new Map(routes.map((route) => [route.sender, route.target]));
  const clients: LoadClient[] = [];
  let next = 0;
  const connectSome = async () => {
    while (next < load.clients) {
      const sender = next++;
      const address = addresses[sender % addresses.length] as string;
      const dialled = await dial(address, dialect, helloOf(plan, sender));
      const mail = {
        sender,
        target: targets.get(sender) ?? 0,
        size: load.size,
      };
      const options = { dialect, readBuffer, audience: exchange };
      clients[sender] = exchange.clients[sender] = new LoadClient(
        dialled,
        mail,
        options,
      );
    }
  };
  await Promise.all(Array.from({ length: DIAL_WIDTH }, connectSome));
  return clients;
}
