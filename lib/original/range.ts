/** Ports at one address at which gateways of the original are. */
export interface Range {
  /** The address. */
  readonly hostname: string;
  /** The first port. */
  readonly first: number;
  /** The last one. */
  readonly last: number;
}

/**
 * Reads which ports at which address are meant.
 *
 * @throws {TypeError} If it says neither.
 */
export function parseRange(name: string): Range {
  const [, hostname, first, last] =
    /^(\d{1,3}(?:\.\d{1,3}){3})(?::(\d{1,5})(?:-(\d{1,5}))?)?$/.exec(name) ??
      [];
  const range = {
    hostname: hostname ?? "",
    first: Number(first ?? 1),
    last: Number(last ?? first ?? 65_535),
  };
  if (
    hostname !== undefined && range.first <= range.last && range.first > 0 &&
    range.last <= 65_535
  ) return range;
  throw new TypeError(
    `Cannot take gateways of the original by this name as it must be an IPv4 address, with a port or ports if not all are meant, such as 10.0.0.5:2900-2903: current value is "${name}"`,
  );
}
