import type { RegisteredGateway, RegisteredPeer } from "./directory.ts";

/** What a Register knows, as data. */
export interface RegisterStatus {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Connections, of peers that have identified themselves and others. */
  readonly connections: number;
  /** The gateways that are up. */
  readonly gateways: readonly RegisteredGateway[];
  /** The workers that are up, and programs that asked as workers do. */
  readonly workers: readonly RegisteredPeer[];
}
