import { parseAddress } from "../base/address.ts";
import { checkRanges, withDefaults } from "../base/quantity.ts";
import { type NatsOptions, parseNatsUrl } from "../nats/nats_options.ts";
import { checkCellName } from "../nats/subjects.ts";
import { findLanIp } from "../peer/lan_ip.ts";
import { type ListenTrustOptions, readSecretKeys } from "../peer/trust.ts";
import { BRIDGE_QUANTITIES } from "./quantities.ts";
import { type Accepted, parseAccepted } from "./home/verbs.ts";

/** Options for {@linkcode Bridge.start}. */
export interface BridgeOptions extends ListenTrustOptions, NatsOptions {
  /** What this cell is called: 1 to 32 of a-z, 0-9 and `-`. */
  readonly cell: string;
  /**
   * What all cells together are called.
   *
   * @default {"main"}
   */
  readonly cluster?: string;
  /**
   * Key that bridges of all cells share, or several while it is being changed: the first
   * signs, all are believed. Needed where NATS is not on this machine.
   */
  readonly cellKey?: string | readonly string[];
  /** File with such keys, one a line. */
  readonly cellKeyFile?: string;
  /** Key of programs that push by NATS, or several; without one nobody may. */
  readonly pushKey?: string | readonly string[];
  /** File with such keys, one a line. */
  readonly pushKeyFile?: string;
  /**
   * Which cells may do what here: `close=eu+us`, `session=` for nobody, `all=*` for
   * everybody, which is what a verb means that is not named. Verbs are `send`, `close`,
   * `session`, `all` (to everybody) and `query`.
   *
   * @default {[]}
   */
  readonly acceptFromCells?: readonly string[];
  /**
   * Parts into which uids and groups are divided: for each, one bridge of a cell is
   * active. The same in all cells.
   *
   * @default {1}
   */
  readonly cellShards?: number;
  /**
   * Addresses of the Registers of this cell, `host:port`.
   *
   * @default {["127.0.0.1:1236"]}
   */
  readonly register?: readonly string[];
  /**
   * Where workers of this cell reach the bridge.
   *
   * @default {127.0.0.1 with a Register on this machine, else its network address}
   */
  readonly lanIp?: string;
  /** Where it listens for them, if that is not `lanIp`. */
  readonly lanListen?: string;
  /**
   * Port for them; 0 for any that is free.
   *
   * @default {2890}
   */
  readonly bridgePort?: number;
  /**
   * Name, for people.
   *
   * @default {"Bridge"}
   */
  readonly name?: string;
  /**
   * Milliseconds between two heartbeats on links.
   *
   * @default {5_000}
   */
  readonly linkHeartbeat?: number;
  /**
   * Milliseconds that what is sent on a link waits for more of its kind; 0 for never.
   *
   * @default {0.3}
   */
  readonly gatherWithin?: number;
  /**
   * Bytes that may wait to leave for one gateway.
   *
   * @default {67_108_864}
   */
  readonly linkBuffer?: number;
  /** Shuts the bridge down when aborted. */
  readonly signal?: AbortSignal;
}

/** {@linkcode BridgeOptions} with every default filled in. */
export interface ResolvedBridgeOptions
  extends Required<Omit<BridgeOptions, OptionalKey>> {
  /** See {@linkcode BridgeOptions}. */
  readonly accepted: Accepted;
  /** See {@linkcode BridgeOptions}. */
  readonly signal: AbortSignal | undefined;
}

type OptionalKey =
  | keyof ListenTrustOptions
  | keyof NatsOptions
  | "cellKey"
  | "cellKeyFile"
  | "pushKey"
  | "pushKeyFile"
  | "acceptFromCells"
  | "signal";

/**
 * Fills in defaults.
 *
 * @throws {TypeError} If a name, an address or a verb is none.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveBridgeOptions(
  options: BridgeOptions,
): ResolvedBridgeOptions {
  const {
    cell,
    cluster = "main",
    register = ["127.0.0.1:1236"],
    lanIp = findLanIp(register),
    lanListen = lanIp,
    name = "Bridge",
    acceptFromCells = [],
    signal,
  } = options;
  checkCellName("cell", cell);
  checkCellName("cluster", cluster);
  for (const server of [options.nats].flat()) parseNatsUrl(server);
  for (const address of register) parseAddress(address);
  const amounts = withDefaults(BRIDGE_QUANTITIES, options);
  checkRanges("start bridge", BRIDGE_QUANTITIES, amounts);
  const accepted = parseAccepted(acceptFromCells);
  return {
    cell,
    cluster,
    register,
    lanIp,
    lanListen,
    name,
    accepted,
    ...amounts,
    signal,
  };
}

/** The keys of messages on NATS. */
export interface CellKeys {
  /** Of bridges: the first seals. Only the empty one if there is none. */
  readonly cell: readonly string[];
  /** Of programs that push; nobody may if there is none. */
  readonly push: readonly string[];
}

/**
 * Reads the keys.
 *
 * @throws {TypeError} If a file cannot be used.
 * @throws {RangeError} If there are too many keys.
 */
export async function readCellKeys(
  { cellKey, cellKeyFile, pushKey, pushKeyFile }: BridgeOptions,
): Promise<CellKeys> {
  const cell = await readSecretKeys({
    ...(cellKey !== undefined && { secretKey: cellKey }),
    ...(cellKeyFile !== undefined && { secretKeyFile: cellKeyFile }),
  });
  return {
    cell: cell.length > 0 ? cell : [""],
    push: await readSecretKeys({
      ...(pushKey !== undefined && { secretKey: pushKey }),
      ...(pushKeyFile !== undefined && { secretKeyFile: pushKeyFile }),
    }),
  };
}
