/** What one attacking client does on its connection until that ends. */
export type Attack = (conn: Deno.TcpConn) => Promise<void>;

/** Where attackers come to: as ordinary clients do, or not. */
export type Door = "clients" | "admin" | "full";

/** Clients that all do the same, again and again. */
export interface AttackPlan {
  /** What they do, for the name of the test. */
  readonly title: string;
  /** How many at a time. */
  readonly clients: number;
  /** Milliseconds before one that was thrown out comes back. */
  readonly pause: number;
  /** What each does. */
  readonly attack: Attack;
  /**
   * Where they come to: `full` is a port with TLS of a gateway that has no room.
   *
   * @default {"clients"}
   */
  readonly door?: Door;
}

/** Sends all of it. */
export async function say(conn: Deno.Conn, source: Uint8Array): Promise<void> {
  let rest = source;
  while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
}

/** Reads, and looks at nothing, until the server ends it. */
export async function readOn(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  while (await conn.read(buffer) !== null);
}
