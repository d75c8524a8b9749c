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
