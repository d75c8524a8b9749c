/**
 * Pushing into a cluster and asking it from programs in any language: HTTP and JSON.
 *
 * @example
 * ```ts ignore
 * import { AdminServer } from "@gatewayworker/core/admin";
 * import { GatewayClient } from "@gatewayworker/core/cluster";
 *
 * await using cluster = await GatewayClient.connect();
 * await using server = await AdminServer.start({ cluster, token: "…" });
 * await server.finished;
 * ```
 *
 * @module
 */
import "../base/copies.ts";

export type { Role } from "../base/role.ts";
export type {
  BindUidOptions,
  CloseOptions,
  FanOutOptions,
  Message,
  QueryOptions,
  QueuePolicy,
  SendOptions,
  SendToAllOptions,
} from "../cluster/call_options.ts";
export type {
  AskAnswers,
  AskOptions,
  AskResult,
  OnlineOptions,
  Recipients,
} from "../cluster/typed_options.ts";
export type { Cluster } from "../cluster/cluster.ts";
export type { Session } from "../wire/bodies/session.ts";
export { AdminServer, type AdminServerOptions } from "./admin_server.ts";
