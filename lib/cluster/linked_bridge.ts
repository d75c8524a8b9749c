import type { ActiveShards } from "../wire/bodies/shards.ts";
import type { LinkedGateway } from "./linked_gateway.ts";

/** A bridge that is linked. */
export interface LinkedBridge extends LinkedGateway {
  /** What it is active for. */
  active: ActiveShards;
}
