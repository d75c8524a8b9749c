import type { Client } from "../client.ts";
import type { Update } from "./member_list.ts";

/** What requests and events about presence are called. */
export const NAME = "gw.presence";

/** A connection of the library: `connect` makes one, and `connectShared`. */
export type PresenceSocket =
  & Pick<Client, "handle" | "on" | "request" | "state">
  & {
    /** Whether other tabs use it, too. */
    readonly isShared?: boolean;
  };

/** What presence is of: a group, or a uid. */
export type PresenceOf =
  | { readonly group: string }
  | { readonly uid: string };

/** An update as it comes, with what it is of. */
export type NamedUpdate = Partial<Update> & {
  readonly group?: string;
  readonly uid?: string;
  /** It is told to this client no more. */
  readonly over?: boolean;
};

/** Hears the updates of one name. */
export type UpdateListener = (update: NamedUpdate) => void;

const HUBS = new WeakMap<PresenceSocket, PresenceHub>();

/** Hands what comes over one connection to those who watch that name. */
export class PresenceHub {
  readonly #listeners = new Map<string, Set<UpdateListener>>();

  private constructor(socket: PresenceSocket) {
    socket.handle(NAME, (data) => {
      const update = data as NamedUpdate;
      for (const listener of this.#listeners.get(keyOf(update)) ?? []) {
        listener(update);
      }
    });
  }

  /** The one of a connection, which has one answerer for each name. */
  static of(socket: PresenceSocket): PresenceHub {
    let hub = HUBS.get(socket);
    if (hub === undefined) HUBS.set(socket, hub = new PresenceHub(socket));
    return hub;
  }

  /** Adds a listener; returns what removes it, and says whether it was the last. */
  listen(of: PresenceOf, listener: UpdateListener): () => boolean {
    const key = keyOf(of);
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      return listeners.size === 0 && this.#listeners.delete(key);
    };
  }
}

/** A group and a uid may have the same name. */
function keyOf(of: { readonly group?: string; readonly uid?: string }): string {
  return of.group === undefined ? `u${of.uid}` : `g${of.group}`;
}
