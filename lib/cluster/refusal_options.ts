/** Whom a refusal concerns. */
export type RefusalTarget =
  /** Everybody bound to a uid, by `authorize` or later. */
  | { readonly uid: string }
  /** Everybody of an address, or of a range such as `203.0.113.0/24` or `2001:db8::/64`. */
  | { readonly address: string }
  /** The session of a token that a client of `gatewayworker.v1` shows to come back. */
  | { readonly token: string };

/** Options for {@linkcode Cluster.refuse}. */
export interface RefuseOptions {
  /**
   * When it ends: a date, or milliseconds since 1970; a year from now at most.
   *
   * @default {a day from now}
   */
  readonly until?: Date | number;
  /**
   * What clients are told with it, at most 123 bytes of UTF-8.
   *
   * @default {""}
   */
  readonly reason?: string;
}

/** One that may not come in, as {@linkcode Cluster.refusals} lists it. */
export interface ListedRefusal {
  /** What it goes by. */
  readonly kind: "uid" | "address" | "token";
  /** The uid, the range of addresses, or SHA-256 of the token in hex. */
  readonly name: string;
  /** When it ends. */
  readonly until: Date;
  /** What clients are told. */
  readonly reason: string;
}
