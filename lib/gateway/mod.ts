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
export type { Role } from "../base/role.ts";
export { Gateway } from "./gateway.ts";
export type { LedgerEntry } from "./ledger.ts";
export type { GatewayOptions } from "./options.ts";
