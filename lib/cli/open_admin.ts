import { formatAddress } from "../base/address.ts";
import { roomLogger } from "../observe/logger.ts";
import type { ForegroundHost } from "../process/host.ts";
import type { CommandContext } from "./command.ts";
import { isClusterReport, NOBODY } from "./question.ts";
import { joinCluster } from "./with_cluster.ts";

const logger = roomLogger("cli");

/**
 * Serves health, metrics and the cluster API over HTTP, if a command was told to.
 *
 * @param context What the command was given.
 * @param host Knows whether it is stopping, and answers what is asked.
 * @returns Disposing it ends it; `undefined` if nothing is served.
 * @throws {TypeError} If others could ask without a token.
 * @throws {Deno.errors.AddrInUse} If the port is taken.
 */
export async function openAdmin(
  context: CommandContext,
  host: ForegroundHost,
): Promise<AsyncDisposable | undefined> {
  const { admin: listen, apiToken: token } = context.settings;
  if (listen === "") return undefined;
  const { AdminServer, healthRoutes, LazyCluster } = await import(
    "../admin/mod.ts"
  );
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(new LazyCluster(() => joinCluster(context)));
  const routes = healthRoutes({
    isStopping: () => host.isStopping,
    report: async () => {
      const report = await host.onAsk?.({ about: "report" });
      return isClusterReport(report) ? report : NOBODY;
    },
  });
  const server = stack.use(
    await AdminServer.start({ listen, token, routes, cluster }),
  );
  logger.info("Health, metrics and API on http://{address}", {
    address: formatAddress(server.addr),
  });
  return stack.move();
}
