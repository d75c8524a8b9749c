/** What links and lines run over: a TCP connection, or TLS on one. */
export interface ByteStream {
  /**
   * Reads what is there, waiting until something is.
   *
   * @returns How many bytes came; `null` when the peer has ended.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Writes some or all of the bytes.
   *
   * @returns How many were taken.
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends it now. */
  close(): void;
}

/** A {@linkcode ByteStream} to another node. */
export interface PeerStream extends ByteStream {
  /** The peer's own address. */
  readonly remoteAddr: Deno.NetAddr;
}

/** Where nodes come in. Bound from the start. */
export interface PeerListener {
  /** The address bound; port 0 has become a real one. */
  readonly addr: Deno.NetAddr;
  /**
   * Waits for the next node.
   *
   * @throws {Deno.errors.BadResource} If the listener was closed.
   */
  accept(): Promise<PeerStream>;
  /** Takes nobody new; those accepted stay. */
  close(): void;
}

/** Ends a stream that may have ended already. */
export function closeQuietly(conn: ByteStream): void {
  try {
    conn.close();
  } catch {
    // It was closed already, by the time-out or by the peer: that is what is wanted.
  }
}
