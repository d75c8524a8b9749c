import { now } from "../../base/clock.ts";
import { EXPIRED } from "../../transport/lasting/reasons.ts";
import type { Client } from "./client.ts";

/** Milliseconds before its end at which a client is told that its credential ends. */
const NOTICE = 30_000;

/** When the credential of a client ends. */
interface End {
  /** By `now()`. */
  readonly at: number;
  wasTold: boolean;
}

/**
 * Clients whose credentials end. Who can bring another one is told in time; who has not
 * is closed, and may come back with one.
 */
export class Expiry {
  readonly #ends = new Map<Client, End>();

  /**
   * Whether a credential has ended.
   *
   * @param expiresAt Milliseconds since 1970; `undefined` for never.
   */
  hasEnded(expiresAt: number | undefined): boolean {
    return expiresAt !== undefined && leftUntil(expiresAt) <= 0;
  }

  /** Notes when the credential of a client ends, in place of what was known. */
  note(client: Client, expiresAt: number | undefined): void {
    if (expiresAt === undefined) return void this.#ends.delete(client);
    const at = now() + leftUntil(expiresAt);
    this.#ends.set(client, { at, wasTold: false });
  }

  /** A client is gone. */
  forget(client: Client): void {
    this.#ends.delete(client);
  }

  /** Tells whom it concerns. To be called once a second. */
  sweep(): void {
    if (this.#ends.size === 0) return;
    const time = now();
    for (const [client, end] of this.#ends) {
      const left = Math.round(end.at - time);
      if (left <= 0) this.#end(client);
      else if (left <= NOTICE && !end.wasTold) {
        end.wasTold = true;
        client.connection?.tellExpiry?.(left);
      }
    }
  }

  #end(client: Client): void {
    this.#ends.delete(client);
    const { connection } = client;
    if (connection?.leave !== undefined) connection.leave(EXPIRED);
    else connection?.close(EXPIRED);
  }
}

/** The end of a credential is a time of day, since others have said it. */
function leftUntil(expiresAt: number): number {
  return expiresAt - Date.now();
}
