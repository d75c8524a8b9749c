import {
  type Conflict,
  encodeRegisterMessage,
} from "../roster/register_message.ts";
import { type Logger, RateLimitedLog } from "../observe/logger.ts";
import type { Directory } from "./directory.ts";
import type { Peer } from "./peer.ts";

/** Looks after which gateways are told again what they did not mend. */
const PATIENCE = 60;

/**
 * Tells gateways that announce one address, so that workers reach only one of them,
 * and says so in the log.
 */
export class Conflicts {
  readonly #directory: Directory<Peer>;
  readonly #logger: Logger;
  readonly #limited = new RateLimitedLog();
  /** Looks since each was told. */
  #told = new Map<Peer, number>();

  /**
   * @param directory Who is up.
   * @param logger Takes the lines.
   */
  constructor(directory: Directory<Peer>, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
  }

  /** Tells whoever has not been told of late. To be called about once a second. */
  look(): void {
    const told = new Map<Peer, number>();
    for (const [peer, rival] of this.#directory.rivals()) {
      const looks = this.#told.get(peer) ?? PATIENCE;
      told.set(peer, looks < PATIENCE ? looks + 1 : 0);
      if (looks < PATIENCE) continue;
      const { address, name = "", remoteAddress } = rival;
      this.#tell(peer, { event: "conflict", address, name, remoteAddress });
    }
    this.#told = told;
  }

  #tell({ connection }: Peer, conflict: Conflict): void {
    connection.send(encodeRegisterMessage(conflict), "conflict");
    const { address, remoteAddress } = conflict;
    this.#limited.once(address, (suppressed) =>
      this.#logger.warn(
        "Two gateways announce {address}, from {remoteAddress} and {other}: workers reach only one of them; told both",
        {
          address,
          remoteAddress,
          other: connection.remoteAddress,
          suppressed,
        },
      ));
  }
}
