/** Where a case is run: what the server has agreed to. */
export type Endpoint = "plain" | "deflate" | "takeover";

/** One thing that a server must do, and where that is written. */
export interface ConformanceCase {
  /** Such as `5.4`, as the Autobahn test suite numbers its groups. */
  readonly id: string;
  /** Where the rule stands. */
  readonly section: string;
  /** What is tried, in words. */
  readonly title: string;
  /** Which listener; the plain one if left out. */
  readonly endpoint?: Endpoint;
  /** The request, if it is not the usual one. */
  readonly request?: string;
  /** What the client sends after its request. */
  readonly sends: readonly Uint8Array[];
  /** Most bytes of one write; everything at once if left out. */
  readonly chop?: number;
  /**
   * What the server must say: `text …`, `binary …`, `ping …`, `pong …`. A long payload
   * stands as its length and a checksum: see {@linkcode describe}.
   */
  readonly expects: readonly string[];
  /**
   * How it must end: `close CODE`. If left out, the client closes with 1000 when it
   * has heard everything, and must be answered likewise. `status CODE` for a request
   * that is not upgraded.
   */
  readonly ends?: string;
}

/** Whether a case is among those that were asked for by the beginning of their number. */
export function isWanted(
  { id }: { readonly id: string },
  wanted: readonly string[],
): boolean {
  return wanted.length === 0 ||
    wanted.some((start) => id === start || id.startsWith(`${start}.`));
}

/** Longest payload that is written out. */
const MAX_WRITTEN = 64;

/** Writes a message down, so that it can be compared and read. */
export function describe(kind: string, payload: Uint8Array): string {
  if (payload.length > MAX_WRITTEN) {
    return `${kind} of ${payload.length} bytes, ${checksum(payload)}`;
  }
  const text = [...payload].map((byte) =>
    byte >= 0x20 && byte < 0x7f
      ? String.fromCharCode(byte)
      : `\\x${byte.toString(16).padStart(2, "0")}`
  ).join("");
  return text === "" ? kind : `${kind} ${text}`;
}

/** FNV-1a: tells apart what would be too long to look at. */
function checksum(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}
