import type { Traits } from "../wire/bodies/traits.ts";

/** Who is at the other end, as said and proved in the handshake. */
export interface LinkedPeer {
  /** What it is. */
  readonly role: "gateway" | "worker" | "client";
  /** Its name, for people. */
  readonly name: string;
  /** Differs for every start of a process. */
  readonly instance: string;
  /** Where it was reached or came from, `host:port`. */
  readonly address: string;
  /** Version of the link protocol that was agreed upon: an older peer is spared what it lacks. */
  readonly version: number;
  /** Whether it is a node of the original, for which somebody translates. */
  readonly isOriginal?: boolean;
  /** By what a worker is chosen; absent if it is one like others. */
  readonly traits?: Traits;
}
