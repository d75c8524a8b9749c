/** Options for {@linkcode getAvailablePort}. */
export interface GetAvailablePortOptions {
  /** The port to give if nobody listens on it. */
  preferredPort?: number;
}

/**
 * Finds a TCP port on which nobody listens. Another program may take it before
 * the caller does: listen on port 0 where that is possible.
 *
 * @param options A preferred port.
 * @returns The number of the port.
 */
export function getAvailablePort(
  options: GetAvailablePortOptions = {},
): number {
  try {
    return portOfListener(options.preferredPort ?? 0);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return portOfListener(0);
  }
}

function portOfListener(port: number): number {
  using listener = Deno.listen({ port });
  return listener.addr.port;
}
