/**
 * The BusinessWorker role: runs the user's handler for the clients of every gateway.
 *
 * @example
 * ```ts
 * import { BusinessWorker } from "@gatewayworker/core/worker";
 *
 * await using worker = await BusinessWorker.start({
 *   handler: (event) => event.type === "message" ? "hello" : undefined,
 * });
 * ```
 *
 * @module
 */
import "../base/copies.ts";

export type { LimitFigures, RefusalFigures } from "../observe/limits_report.ts";
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
  SendToWorkersOptions,
} from "../cluster/call_options.ts";
export type { Cluster } from "../cluster/cluster.ts";
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
} from "../cluster/contract_types.ts";
export type {
  AskAnswers,
  AskOptions,
  AskResult,
  OnlineOptions,
  Recipients,
} from "../cluster/typed_options.ts";
export type {
  ClaimFigures,
  DrainReport,
  LinkReport,
  ProcessFigures,
  ReportedEvent,
  RequestFigures,
  RoleReport,
  RoleState,
  WorkerReport,
} from "../observe/report.ts";
export type { NoticeFigures } from "../observe/notice_figures.ts";
export type { ResumeReport } from "../observe/resume_report.ts";
export type { Durations, Latency } from "../observe/distribution.ts";
export type { WorkerPresenceReport } from "../observe/people_report.ts";
export type { ClientCertificate } from "../base/client_certificate.ts";
export type { Labels } from "../wire/bodies/labels.ts";
export type { Session } from "../wire/bodies/session.ts";
export type { OriginalOptions } from "../original/originals.ts";
export type { TrustOptions } from "../peer/trust.ts";
export { CallError } from "../client/call_error.ts";
export {
  answerCalls,
  type CallEvent,
  type CallHandlers,
} from "./handler/answer_calls.ts";
export {
  type AwayEvent,
  type BackEvent,
  type ClientCloseEvent,
  type ClientEventFacts,
  type ClientMessageEvent,
  type ClientRequest,
  type ConnectEvent,
  defineHandler,
  type Handler,
  type HandlerCallbacks,
  type HandlerClient,
  type HandlerEvent,
  type HandlerResult,
  type HandlerReturn,
  type JoinEvent,
  type LeaveEvent,
  loadHandler,
  type RequestEvent,
  type SlowEvent,
  type StartEvent,
  type StopEvent,
} from "./handler/handler.ts";
export type { PresenceFacts } from "./handler/presence_events.ts";
export type { PresenceState } from "../cluster/presence_options.ts";
export type { WorkerPresenceOptions } from "./handler/presence_options.ts";
export type { ClientsMay } from "../wire/bodies/presence_view.ts";
export type { NoticeEvent } from "./handler/notice_event.ts";
export type { BusinessWorkerOptions } from "./options.ts";
export { BusinessWorker } from "./worker.ts";
