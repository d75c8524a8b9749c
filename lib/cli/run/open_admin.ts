import { formatAddress } from "../../base/address.ts";
import { roomLogger } from "../../observe/logger.ts";
import type { ClusterReport } from "../../observe/report.ts";
import type { ForegroundHost } from "../../process/host.ts";
import type { CommandContext } from "../options/command.ts";
import { isClusterReport, NOBODY } from "../ask/question.ts";
import { joinCluster } from "../ask/with_cluster.ts";
import { openTap } from "./run_tap.ts";

const logger = roomLogger("cli");

/**
 * Serves the dashboard, health, metrics and the cluster API over HTTP, if a command was told to.
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
  const { apiRoutes } = await import("../../admin/api.ts");
  const { healthRoutes } = await import("../../admin/health.ts");
  const { LazyCluster } = await import("../../admin/lazy_cluster.ts");
  const { OpenTaps, tapRoute } = await import("../../admin/tap_route.ts");
  const { RouteServer } = await import("../../admin/route_server.ts");
  const { ClusterWatch } = await import("../../dashboard/cluster_watch.ts");
  const { dashboardRoutes } = await import(
    "../../dashboard/dashboard_routes.ts"
  );
  await using stack = new AsyncDisposableStack();
  const cluster = stack.use(new LazyCluster(() => joinCluster(context)));
  const watch = new ClusterWatch(() => askAboutCluster(host));
  const health = healthRoutes({
    isStopping: () => host.isStopping,
    report: async () => await askFor(host, "report") ?? NOBODY,
  });
  const dashboard = dashboardRoutes({
    watch,
    cluster: () => cluster.get(),
    hasToken: token !== "",
  });
  const api = apiRoutes(() => cluster.get());
  const taps = new OpenTaps((order) => openTap(context, order));
  const tap = tapRoute((order) => taps.open(order));
  const routes = [...api, tap, ...health, ...dashboard];
  const server = stack.use(await RouteServer.start({ routes, listen, token }));
  // It ends first, and the pages' endless answers with it.
  stack.use(watch);
  stack.use(taps);
  watch.start();
  const address = formatAddress(server.addr);
  if (token === "") {
    logger.info(
      "Dashboard, health and metrics on http://{address}; clients are shown to whoever knows the token, and none is set",
      { address },
    );
  } else {
    logger.info("Dashboard, health, metrics and API on http://{address}", {
      address,
    });
  }
  return stack.move();
}

/**
 * The whole cluster, where there is a Register; otherwise what this process runs.
 * While a Register is too busy to answer, nobody knows: what the others say of
 * themselves is no picture of the cluster, and names them otherwise.
 */
async function askAboutCluster(
  host: ForegroundHost,
): Promise<ClusterReport | undefined> {
  const cluster = await askFor(host, "cluster");
  if (cluster !== undefined && cluster.registers.length > 0) return cluster;
  const own = await askFor(host, "report");
  return own !== undefined && own.registers.length > 0 ? undefined : own;
}

async function askFor(
  host: ForegroundHost,
  about: "cluster" | "report",
): Promise<ClusterReport | undefined> {
  const report = await host.onAsk?.({ about });
  return isClusterReport(report) ? report : undefined;
}
