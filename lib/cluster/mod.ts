/**
 * The cluster API for any program.
 *
 * @example
 * ```ts ignore
 * import { GatewayClient } from "@gatewayworker/core/cluster";
 *
 * await using cluster = await GatewayClient.connect({
 *   register: "127.0.0.1:1236",
 * });
 * await cluster.sendToAll("the shop opens");
 * ```
 *
 * @module
 */
import "../base/copies.ts";

export {
  LinkClosedError,
  LinkFullError,
  PartialResultError,
  QueryTimeoutError,
} from "../base/errors.ts";
export type { Labels } from "../wire/bodies/labels.ts";
export type { Session } from "../wire/bodies/session.ts";
export type { OriginalOptions } from "../original/originals.ts";
export type { TrustOptions } from "../peer/trust.ts";
export type {
  BindUidOptions,
  CellOptions,
  CloseOptions,
  FanOutOptions,
  Message,
  QueryOptions,
  QueuePolicy,
  SendOptions,
  SendToAllOptions,
  SendToWorkersOptions,
} from "./call_options.ts";
export {
  type Answered,
  type Arguments,
  type CallSchemas,
  type CallTable,
  Contract,
  type EventTable,
  type Given,
  type Returned,
  type Taken,
} from "../contract/contract.ts";
export type {
  InputOf,
  OutputOf,
  SchemaIssue,
  SchemaResult,
  StandardSchema,
} from "../contract/standard_schema.ts";
export type {
  Addressed,
  AskFaces,
  ContractAnswers,
  MissingClient,
  NotifyFaces,
} from "./contract_types.ts";
export type {
  Presence,
  PresenceMember,
  PresenceOf,
  PresenceOptions,
  PresenceState,
} from "./presence_options.ts";
export type {
  AskAnswers,
  AskOptions,
  AskResult,
  OnlineOptions,
  Recipients,
} from "./typed_options.ts";
export type {
  BusyName,
  BusyNames,
  ConnectionList,
  ConnectionRow,
} from "../wire/bodies/connection_list.ts";
export type {
  ListedRefusal,
  RefusalTarget,
  RefuseOptions,
} from "./refusal_options.ts";
export type { Cluster } from "./cluster.ts";
export { ClusterCalls } from "./cluster_calls.ts";
export { ClusterReads } from "./cluster_reads.ts";
export { GatewayClient, type GatewayClientOptions } from "./gateway_client.ts";
export { PushClient, type PushClientOptions } from "./push_client.ts";
export type { NatsOptions } from "../nats/nats_options.ts";
