/**
 * The role that joins a cluster, a cell, with others by way of NATS.
 *
 * @module
 */
import "../base/copies.ts";

export type { TrustOptions } from "../peer/trust.ts";
export type { ListenTrustOptions } from "../peer/trust.ts";
export type { Role } from "../base/role.ts";
export type { NatsOptions } from "../nats/nats_options.ts";
export type { BridgeReport, CellReport } from "../observe/report.ts";
export type { BridgeOptions } from "./options.ts";
export { Bridge } from "./bridge.ts";
