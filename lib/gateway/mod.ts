/**
 * The Gateway role: holds the clients' connections, and nothing of the business.
 *
 * @example
 * ```ts
 * import { Gateway } from "@gatewayworker/core/gateway";
 * import { assertEquals } from "@std/assert";
 *
 * await using gateway = await Gateway.start({
 *   listen: ["ws://127.0.0.1:0"],
 *   startPort: 0,
 * });
 * assertEquals(gateway.clients, 0);
 * ```
 *
 * @module
 */
import "../base/copies.ts";

export type { Role } from "../base/role.ts";
export type {
  ClaimFigures,
  DrainReport,
  GatewayReport,
  LinkReport,
  ProcessFigures,
  ReportedEvent,
  RequestFigures,
  RoleReport,
  RoleState,
} from "../observe/report.ts";
export type { PhpReport } from "../observe/php_report.ts";
export type { ResumeReport } from "../observe/resume_report.ts";
export type { TapReport } from "../observe/tap_report.ts";
export type { Durations, Latency, Sizes } from "../observe/distribution.ts";
export type { LimitFigures, RefusalFigures } from "../observe/limits_report.ts";
export type {
  GatewayPresenceReport,
  PeopleReport,
} from "../observe/people_report.ts";
export type { ConnectionRow } from "../wire/bodies/connection_list.ts";
export type { ClientCertificate } from "../base/client_certificate.ts";
export type { ClientRequest } from "../wire/bodies/client_request.ts";
export type {
  GrantedLimits,
  Limit,
  LimitName,
  Limits,
} from "./clients/limits_options.ts";
export type { UsageNews, UsageRound } from "./clients/usage.ts";
export type { Session } from "../wire/bodies/session.ts";
export type { ListenTrustOptions, TrustOptions } from "../peer/trust.ts";
export type { CloseCodes } from "../transport/close_codes.ts";
export type { Refusal } from "../transport/connection.ts";
export type { CompressionOptions } from "../transport/listener/listener_options.ts";
export type {
  DecodedMessage,
  MessageProtocol,
} from "../transport/listener/message_protocol.ts";
export {
  accept,
  type Authorization,
  type AuthorizationRequest,
  type Authorize,
  type ClientGrant,
  refuse,
} from "./clients/authorize.ts";
export type {
  ClientOptions,
  ListenOptions,
  ResumeOptions,
} from "./clients/client_options.ts";
export type { GatewayDrainOptions, RebalanceOptions } from "./drains.ts";
export { Gateway } from "./gateway.ts";
export type { LedgerEntry } from "./clients/ledger.ts";
export type { GatewayOptions } from "./options.ts";
export type { PhpOptions } from "./php/php_options.ts";
export type { Labels } from "../wire/bodies/labels.ts";
export type {
  RouteEvent,
  RouteFunction,
  RouteWorker,
} from "./workers/route_function.ts";
export type { Preference } from "./workers/router.ts";
