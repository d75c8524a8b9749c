import { encodeBody } from "../../wire/body.ts";
import { Command } from "../../wire/command.ts";
import { roomLogger } from "../../observe/logger.ts";
import type { Client } from "./client.ts";
import type { Ledger } from "./ledger.ts";

const logger = roomLogger("gateway");

/** Sweeps between two log lines. */
const QUIET_SWEEPS = 10;

/**
 * Clients whose queue dropped messages: counts what was dropped, and tells each
 * client's worker, at most once a sweep, and the log, more seldom.
 */
export class SlowClients {
  readonly #ledger: Ledger;
  readonly #counted = new WeakMap<Client, number>();
  readonly #unreported = new Map<Client, number>();
  #quietSweeps = 0;
  #clients = 0;
  #messages = 0;

  /** @param ledger Counts what is dropped. */
  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Notes what a client's connection has dropped since the last look. */
  note(client: Client): void {
    const dropped = client.connection?.dropped ?? 0;
    const fresh = dropped - (this.#counted.get(client) ?? 0);
    if (fresh <= 0) return;
    this.#counted.set(client, dropped);
    this.#ledger.dropped += fresh;
    const before = this.#unreported.get(client) ?? 0;
    this.#unreported.set(client, before + fresh);
  }

  /** Tells the workers. To be called once a second. */
  sweep(): void {
    this.#log();
    for (const [client, dropped] of this.#unreported) {
      const { route: { link }, connection, connectionId } = client;
      const queuedBytes = connection?.queuedBytes ?? 0;
      link?.link.send(
        Command.Slow,
        connectionId,
        0,
        encodeBody({ dropped, queuedBytes }),
      );
    }
    this.#unreported.clear();
  }

  #log(): void {
    this.#quietSweeps--;
    this.#clients += this.#unreported.size;
    for (const dropped of this.#unreported.values()) this.#messages += dropped;
    if (this.#messages === 0 || this.#quietSweeps > 0) return;
    logger.warn(
      "Slow clients: dropped {messages} messages since {clients} clients did not keep up",
      { messages: this.#messages, clients: this.#clients },
    );
    this.#quietSweeps = QUIET_SWEEPS;
    this.#messages = this.#clients = 0;
  }
}
