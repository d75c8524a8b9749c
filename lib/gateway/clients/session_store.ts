import { NO_BYTES } from "../../base/no_bytes.ts";
import {
  applyChange,
  checkSessionLength,
  decodeChange,
  mergeSession,
} from "../../wire/bodies/session.ts";
import { decodeMap, numberField } from "../../wire/body.ts";
import type { Client } from "./client.ts";
import type { WorkerLink } from "../workers/worker_link.ts";

/** Reads and changes the sessions of clients, within a limit of bytes. */
export class SessionStore {
  readonly #limit: number;

  /** @param limit Most bytes of one session, as CBOR. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns a session as CBOR: `null` for no client, no bytes for an empty session. */
  get(client: Client | undefined): Uint8Array | null {
    return client === undefined ? null : client.session ?? NO_BYTES;
  }

  /** Replaces a session. No bytes empty it. */
  replace(client: Client, session: Uint8Array, link: WorkerLink): void {
    const { length } = session;
    if (length > 0) decodeMap(session);
    this.#store(client, length === 0 ? undefined : new Uint8Array(session));
    tellWorker(client, link);
  }

  /** Merges new values in, maps within maps included. */
  merge(client: Client, update: Uint8Array, link: WorkerLink): void {
    this.#store(client, mergeSession(client.session, { ...decodeMap(update) }));
    tellWorker(client, link);
  }

  /**
   * Applies what a handler changed, key by key: other keys that others changed
   * meanwhile stay. If nobody did, the worker that saves knows the outcome.
   */
  save(client: Client, change: Uint8Array, link: WorkerLink): void {
    const seen = numberField(decodeMap(change), "version");
    const { route } = client;
    const isCurrent = seen === route.stateVersion &&
      route.knownVersion === route.stateVersion && route.link === link;
    this.#store(client, applyChange(client.session, decodeChange(change)));
    if (isCurrent) route.knownVersion = route.stateVersion;
  }

  #store(client: Client, session: Uint8Array<ArrayBuffer> | undefined): void {
    checkSessionLength(session?.length ?? 0, this.#limit);
    client.changeState({ session });
  }
}

/**
 * Tells a worker what it changed itself, since events that it has received already
 * would not see it. Other workers are told with the client's next event.
 */
function tellWorker({ route }: Client, link: WorkerLink): void {
  if (route.link === link) link.sendBind(route);
}
