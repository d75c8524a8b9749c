/** What can be sent: a string goes as text, bytes go as binary. */
export type Message = string | Uint8Array;

/**
 * What becomes of a message for which the queue of a client that does not keep up
 * has no room: `close` closes the client with 4008, `drop-oldest` drops older
 * messages that may be dropped, `drop-newest` drops this one, `latest` replaces a
 * waiting message of the same key, else drops older ones.
 */
export type QueuePolicy = "close" | "drop-oldest" | "drop-newest" | "latest";

/** Options of every call that sends. */
export interface SendOptions {
  /**
   * What becomes of the message if the client's queue is full.
   *
   * @default {"close"}
   */
  readonly policy?: QueuePolicy;
  /** What `latest` goes by, such as the name of a price or of a player; at most 1,024 characters. */
  readonly key?: string;
  /**
   * Wait until each gateway concerned has handed the message to its clients'
   * connections, and return to how many. Otherwise the call returns at once.
   *
   * @default {false}
   */
  readonly confirm?: boolean;
  /**
   * Write the bytes to the client's socket as they are, past the protocol's encoder.
   *
   * @default {false}
   */
  readonly raw?: boolean;
}

/** Which cells a call concerns, where several are joined by bridges. */
export interface CellOptions {
  /**
   * `"all"`: also the other cells. What goes to uids and groups finds them there anyway.
   * One that does not answer is named as a gateway that
   * does not, `cell eu`.
   *
   * @default {undefined}
   */
  readonly cells?: "all";
}

/** Options of the calls that send to many. */
export interface FanOutOptions extends SendOptions, CellOptions {
  /** Client ids that are left out. */
  readonly exclude?: string | readonly string[];
}

/** Options for {@linkcode Cluster.sendToAll}. */
export interface SendToAllOptions extends FanOutOptions {
  /** Only these clients; an empty list is nobody. Everybody if absent. */
  readonly clientIds?: readonly string[];
}

/** Options for {@linkcode Cluster.closeClient} and {@linkcode Cluster.closeUid}. */
export interface CloseOptions {
  /** WebSocket close code: 1000, or 3000 to 4999. */
  readonly code?: number;
  /** Reason for the client, at most 123 bytes of UTF-8. */
  readonly reason?: string;
}

/** Options for {@linkcode Cluster.bindUid}. */
export interface BindUidOptions extends CellOptions {
  /**
   * Close every other client of the uid, wherever it is, with 4001: the last login
   * stays. Of two at the same time exactly one stays.
   *
   * @default {false}
   */
  readonly exclusive?: boolean;
}

/** Options of the calls that ask all gateways. */
export interface QueryOptions extends CellOptions {
  /**
   * Return what the other gateways answered if some do not, instead of an error.
   *
   * @default {false}
   */
  readonly partial?: boolean;
}

/** Options for {@linkcode Cluster.sendToWorkers}. */
export interface SendToWorkersOptions {
  /**
   * Wait until every worker concerned has taken it, and return how many those are.
   * Otherwise the call returns at once, and what is lost is counted and logged.
   *
   * @default {false}
   */
  readonly confirm?: boolean;
}
