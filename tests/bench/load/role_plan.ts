/** How many processes of this package run, which version of it, and what is encrypted. */
export interface RolePlan {
  /** Gateways, each with a port of its own. */
  readonly gateways: number;
  /** Workers. */
  readonly workers: number;
  /** A git revision; `undefined` for the files as they are. */
  readonly revision: string | undefined;
  /** What goes over TLS. */
  readonly tls?: TlsPart | undefined;
  /** Whether clients speak `gatewayworker.v1`. */
  readonly isLasting?: boolean;
  /** What looks into the processes; nothing if not said. */
  readonly probe?: Probe;
}

/** What goes over TLS: the connections of clients, or the links between nodes. */
export type TlsPart = keyof typeof TLS_PARTS;

/** What every role loads before its own program, each alone in its process. */
export interface Probe {
  /** Path of the module. */
  readonly module: string;
  /** Variables that it needs. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a server's name says of TLS, by part. */
const TLS_PARTS = { clients: "+wss", links: "+lan-tls" } as const;

const NAME =
  /^ours(?<part>\+wss|\+lan-tls|\+v1)?(?:@(?<revision>[^:]+))?(?::(?<gateways>\d+)\+(?<workers>\d+))?$/;

/**
 * Reads `ours`, `ours:2+3`, `ours@HEAD~1`, `ours+wss@HEAD~1:2+3`, `ours+v1` and so on;
 * `undefined` for the name of anybody else.
 */
export function rolePlanOf(name: string): RolePlan | undefined {
  const groups = NAME.exec(name)?.groups;
  if (groups === undefined) return undefined;
  const { part, revision, gateways = 1, workers = 1 } = groups;
  const tls = (Object.keys(TLS_PARTS) as TlsPart[]).find((key) =>
    TLS_PARTS[key] === part
  );
  return {
    gateways: Number(gateways),
    workers: Number(workers),
    revision,
    ...(tls !== undefined && { tls }),
    ...(part === "+v1" && { isLasting: true }),
  };
}

/** Returns the name of the same processes of another revision. */
export function nameAtRevision(name: string, revision: string): string {
  return name.replace(/^ours(?:\+[a-z0-9-]+)?/, `$&@${revision}`);
}

/** Says in words what is encrypted; nothing if nothing is. */
export function describeTls(tls: TlsPart | undefined): string {
  switch (tls) {
    case "clients":
      return ", clients over TLS";
    case "links":
      return ", links over TLS";
    default:
      return "";
  }
}
