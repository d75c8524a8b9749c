import type { Faults } from "../load/lane.ts";

/** What the processes of a server did for each message that arrived. */
export interface Counts {
  /** One for each process. */
  readonly roles: readonly RoleCounts[];
  /** What went wrong with messages. */
  readonly faults: Faults;
  /** Why there are no system calls; not set if there are. */
  readonly reason?: string;
}

/** What one process did for each message, bout by bout. */
export interface RoleCounts {
  /** Which role. */
  readonly name: string;
  /** System calls that send, receive or wait. */
  readonly calls: number[];
  /** Bytes sent and received on sockets. */
  readonly bytes: number[];
  /** Bytes allocated in the heap of V8. */
  readonly allocated: number[];
}
