/** How the sessions of a gateway are that may outlive their sockets. */
export interface ResumeReport {
  /** Sessions there are. */
  readonly sessions: number;
  /** Those whose clients have no socket. */
  readonly away: number;
  /** Bytes kept for clients that may come back. */
  readonly ringBytes: number;
  /** Clients that came back to their sessions since the start. */
  readonly resumed: number;
  /** Those among them that took the session from another socket. */
  readonly replaced: number;
  /** Clients that came back and got a new session, since the start. */
  readonly fresh: number;
  /** Messages that clients were told to have missed, since the start. */
  readonly missed: number;
  /** How often they were told of any; older gateways tell nothing of it. */
  readonly gaps?: number;
  /** Sessions whose clients did not come back, since the start. */
  readonly expired: number;
}
