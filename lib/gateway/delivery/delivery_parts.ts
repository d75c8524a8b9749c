import type { ClientTable } from "../clients/client_table.ts";
import type { Ledger } from "../clients/ledger.ts";
import type { Router } from "../workers/router.ts";
import type { DeliveryLimits } from "./delivery_limits.ts";
import type { Witnesses } from "./witnesses.ts";

/** What a {@linkcode Delivery} works with. */
export interface DeliveryParts {
  /** The gateway's clients. */
  readonly table: ClientTable;
  /** Its workers. */
  readonly router: Router;
  /** Counts what becomes of events. */
  readonly ledger: Ledger;
  /** Who knows of clients beside their workers. */
  readonly witnesses: Witnesses;
  /** Bounds of what waits. */
  readonly limits: DeliveryLimits;
  /** Says how a client is called in log lines. */
  readonly clientId: (connectionId: number) => string;
}
