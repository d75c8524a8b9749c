/**
 * The Register: where gateways say where they are, and workers ask. Any number
 * may run; gateways and workers talk to every one that they are told of.
 *
 * @example Running a Register until the process is told to stop
 * ```ts
 * import { Register } from "@gatewayworker/core/register";
 * import { assertEquals } from "@std/assert";
 *
 * const stop = new AbortController();
 * const register = await Register.start({
 *   listen: "127.0.0.1:0",
 *   secretKey: "a shared secret",
 *   signal: stop.signal,
 * });
 * assertEquals(register.status().gateways, []);
 *
 * stop.abort();
 * await register.finished;
 * ```
 *
 * @module
 */
import "../base/copies.ts";

export type { Role } from "../base/role.ts";
export type {
  BridgeReport,
  CellReport,
  ClaimFigures,
  ClusterReport,
  DrainReport,
  GatewayReport,
  KnownNode,
  LinkReport,
  ProcessFigures,
  RegisterReport,
  ReportedEvent,
  RequestFigures,
  RoleReport,
  RoleState,
  WorkerReport,
} from "../observe/report.ts";
export type { PhpReport } from "../observe/php_report.ts";
export type { ResumeReport } from "../observe/resume_report.ts";
export type { TapReport } from "../observe/tap_report.ts";
export type { Durations, Latency, Sizes } from "../observe/distribution.ts";
export type { LimitFigures, RefusalFigures } from "../observe/limits_report.ts";
export type {
  GatewayPresenceReport,
  PeopleReport,
  WorkerPresenceReport,
} from "../observe/people_report.ts";
export type { PeerFacts } from "../roster/register_message.ts";
export type { ListenTrustOptions, TrustOptions } from "../peer/trust.ts";
export type { RegisteredGateway, RegisteredPeer } from "./directory.ts";
export type { RegisterOptions } from "./options.ts";
export { Register } from "./register.ts";
export type { RegisterStatus } from "./status.ts";
